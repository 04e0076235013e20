"""The pages put together: every route signed in by one dependency of them all, and every failure a page of its own."""

import logging
from functools import cache
from importlib.resources import files
from typing import Annotated

import psycopg
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from akrim import warehouse
from akrim.browser import deliveries, links, persons, purposes, quality, releases, rules
from akrim.browser.access import Reader, signed_in
from akrim.browser.rendering import show, show_failure
from akrim.characters import visible
from akrim.errors import Unreachable, UserError, traceback_without_data

log = logging.getLogger(__name__)
router = APIRouter()

STATIC = {
    "pages.css": (
        "text/css",
        (
            "report/drawings/palette.css",
            "report/drawings/drawings.css",
            "report/render/templates/blocks.css",
            "browser/templates/pages.css",
        ),
    ),
    "pages.js": ("text/javascript", ("browser/templates/pages.js",)),
    "regular.woff2": ("font/woff2", ("report/render/fonts/akrim-sans-regular.woff2",)),
    "semibold.woff2": ("font/woff2", ("report/render/fonts/akrim-sans-semibold.woff2",)),
}
# What the database says of a request that failed: that it holds what no column takes, that too much was asked for (audit.ask), or nothing.
BROKEN = (
    (psycopg.DataError, 400),
    (psycopg.errors.ProgramLimitExceeded, 429),
    (psycopg.OperationalError, 503),
    (Unreachable, 503),
)


def make_application() -> FastAPI:
    """The application with every page; none of it describes itself to others."""
    application = FastAPI(
        openapi_url=None, docs_url=None, redoc_url=None, dependencies=[Depends(signed_in)], title="akrim"
    )
    for part in (
        router,
        purposes.router,
        deliveries.router,
        links.router,
        persons.router,
        releases.router,
        quality.router,
        rules.router,
    ):
        application.include_router(part, dependencies=[Depends(_prepare)])
    application.add_exception_handler(StarletteHTTPException, _refused)
    application.add_exception_handler(RequestValidationError, _misunderstood)
    application.exception_handler(UserError)(_not_done)
    application.exception_handler(purposes.PurposeMissing)(purposes.ask_first)
    application.add_exception_handler(psycopg.Error, _broken)
    application.add_exception_handler(Unreachable, _broken)
    application.add_exception_handler(Exception, _broken)
    return application


@cache
def _prepare() -> None:
    """Bring the warehouse to this program's version, before the first page alone."""
    warehouse.prepare()


@router.get("/")
def start(request: Request, reader: Annotated[Reader, Depends(signed_in)]) -> Response:
    """What the reader may open."""
    return show(request, reader, "start.html.j2")


@router.get("/static/{name}")
def static(name: str) -> Response:
    """The style, the script and the fonts of every page."""
    if name not in STATIC:
        raise HTTPException(404)
    kind, paths = STATIC[name]
    content = b"\n".join(files("akrim").joinpath(path).read_bytes() for path in paths)
    return Response(content, media_type=kind, headers={"cache-control": "private, max-age=3600"})


async def _refused(request: Request, error: Exception) -> Response:
    """A page that says what was refused; who is not signed in is sent to Airflow's own login and comes back."""
    status = error.status_code if isinstance(error, HTTPException | StarletteHTTPException) else 500
    if status == 401 and request.method == "GET":
        from airflow.api_fastapi.app import get_auth_manager

        return RedirectResponse(get_auth_manager().get_url_login(next_url=str(request.url)), 303)
    return await show_failure(request, status)


async def _misunderstood(request: Request, _error: Exception) -> Response:
    return await show_failure(request, 400)


async def _not_done(request: Request, error: UserError) -> Response:
    return await show_failure(request, 409, error)


async def _broken(request: Request, error: Exception) -> Response:
    """Where it failed stands in the log, and nothing of it on the page; its values in neither: they may be about a person."""
    status = next((number for kind, number in BROKEN if isinstance(error, kind)), 500)
    known = traceback_without_data(error) if status == 500 else type(error).__name__
    log.error("A page failed: %s: %s", visible(request.url.path), known)
    return await show_failure(request, status)
