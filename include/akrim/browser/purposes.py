"""Why somebody looks at persons: asked for once an hour, and written to the audit log with each person looked at."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from itsdangerous import BadData, URLSafeTimedSerializer

from akrim import audit, warehouse
from akrim.browser.access import Reader, Right, signed_in
from akrim.browser.forgery import secret
from akrim.browser.listing import Listed, Row, cut
from akrim.browser.rendering import go_to, page_at, show

router = APIRouter()
COOKIE = "akrim_purpose"
SECONDS = 3600


class PurposeMissing(Exception):
    """Whoever asks to see persons has not said why; answered by the page that asks, which then leads on."""

    def __init__(self, reader: Reader, then: str) -> None:
        super().__init__()
        self.reader = reader
        self.then = then


def require_purpose(request: Request, reader: Reader, *, then: str = "") -> str:
    """What the reader has stated within the hour; raises PurposeMissing where that is nothing.

    Args:
        then: where to go on to, where it is not what was asked for.
    """
    purpose = _stated(request, reader)
    if not purpose:
        raise PurposeMissing(reader, then)
    return purpose


def list_persons(
    request: Request,
    reader: Reader,
    rows: Sequence[Row],
    page: int,
    shown_by: str,
    release_id: str | None = None,
) -> tuple[Listed, str]:
    """One page of rows about a person each, logged before it is shown, and the purpose that the reader has stated for it.

    Raises HTTPException 403 where the reader may see no persons.
    """
    if not reader.may(Right.PERSONS):
        raise HTTPException(403)
    purpose = require_purpose(request, reader)
    listed = cut(rows, page)
    persons = {row["person_id"] for row in listed.rows}
    audit.log_consultation(shown_by, reader.name, purpose, persons, release_id=release_id)
    return listed, purpose


async def ask_first(request: Request, missing: PurposeMissing) -> Response:
    """The page that asks whoever has stated no purpose."""
    return _ask(request, missing.reader, then=missing.then)


def _stated(request: Request, reader: Reader) -> str:
    """What the reader has stated within the hour; empty where nothing, or where somebody else has."""
    try:
        name, purpose = signer().loads(request.cookies.get(COOKIE, ""), max_age=SECONDS)
    except BadData:
        return ""
    return str(purpose) if name == reader.name else ""


def signer() -> URLSafeTimedSerializer:
    """Signed, since else a browser could say what no page would have taken, and for longer than an hour."""
    return URLSafeTimedSerializer(secret(), salt=COOKIE)


def _ask(request: Request, reader: Reader, *, refused: str = "", then: str = "") -> Response:
    """The page that asks for a purpose, and then leads on.

    Args:
        refused: what was stated and is no purpose, to be mended.
    """
    address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return show(
        request,
        reader,
        "purpose.html.j2",
        422 if refused else 200,
        at=then,
        refused=refused,
        then=then or address,
    )


@router.get("/purpose")
def ask_nothing(request: Request, _reader: Annotated[Reader, Depends(signed_in)]) -> Response:
    """Whoever opens the address of the form again, as after a refused purpose, begins anew: nothing says where it was to lead on."""
    return go_to(request, "/")


@router.post("/purpose")
def state_purpose(
    request: Request,
    reader: Annotated[Reader, Depends(signed_in)],
    purpose: Annotated[str, Form()],
    then: Annotated[str, Form()],
) -> Response:
    """Keep the purpose for an hour, in the browser alone, and go on."""
    root = page_at(request)
    if not then.startswith(f"{root}/") or "\\" in then:
        raise HTTPException(400)
    with warehouse.connect() as connection:
        is_purpose = audit.is_purpose(connection, purpose)
    if not is_purpose:
        return _ask(request, reader, refused=purpose, then=then)
    response = RedirectResponse(then, 303)
    response.set_cookie(
        COOKIE,
        signer().dumps([reader.name, purpose.strip()]),
        path=root or "/",
        max_age=SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response
