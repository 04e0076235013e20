"""Pages from templates: escaped, in the reader's language, with what each reader may open."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import psycopg
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from fastapi import HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment
from markupsafe import Markup

from akrim.browser.access import Reader, Right, named_by_cookie
from akrim.browser.forgery import form_token
from akrim.browser.listing import address
from akrim.deliveries import is_synthetic
from akrim.errors import UserError
from akrim.periods import NORWAY
from akrim.report import clean, glyph_sheet, template_environment
from akrim.settings import get_settings
from akrim.texts import LANGUAGES, Language, labels, texts
from akrim.texts.errors import SaidError
from akrim.texts.written import figures, locale_of

LANGUAGE_COOKIE = "akrim_language"
STRANGER = Reader("", frozenset())


class Area(NamedTuple):
    """A page of the menu: its path, and who sees it there. Its name is `pages.<name>` of the texts."""

    name: str
    right: Right


AREAS = (
    Area("deliveries", Right.DELIVERIES),
    Area("quarantine", Right.DELIVERIES),
    Area("links", Right.LINKS),
    Area("persons", Right.PERSONS),
    Area("releases", Right.RELEASES),
    Area("rules", Right.RULES),
    Area("quality", Right.DELIVERIES),
)


def show(
    request: Request, reader: Reader, template: str, status: int = 200, at: str = "", **values: object
) -> HTMLResponse:
    """A page; nobody but its reader keeps a copy.

    Args:
        at: the address that its links to itself lead to, where it is not the one that was asked: of what answers a form.
    """
    language = language_of(request)
    page = _environment(language).get_template(template)
    root = page_at(request)
    html = page.render(
        reader=reader,
        root=root,
        here=request.scope["path"].removeprefix(root),
        areas=[area for area in AREAS if reader.may(area.right)],
        link=lambda **changes: address(at or f"?{request.url.query}", **changes),
        token=form_token(reader.name),
        is_synthetic=status < 400 and _is_synthetic(),
        **values,
    )
    response = HTMLResponse(html, status, headers={"cache-control": "no-store"})
    if request.query_params.get("language") == language:
        response.set_cookie(
            LANGUAGE_COOKIE, language, path=root or "/", httponly=True, samesite="lax", max_age=365 * 86400
        )
    return response


def _is_synthetic() -> bool:
    """No page says so where the database cannot be asked."""
    try:
        return is_synthetic()
    except (UserError, psycopg.Error):
        return False


async def show_failure(request: Request, status: int, error: UserError | None = None) -> HTMLResponse:
    """The page of a refusal or a failure, in the words of that status or of the error.

    Nothing of the request's body is read: where a program failed, there is none to read any more.
    """
    try:
        reader = await named_by_cookie(request)
    except HTTPException:
        reader = STRANGER
    known = texts(language_of(request), "pages")["failures"]
    return show(
        request,
        reader,
        "failure.html.j2",
        status,
        at="" if request.method == "GET" else page_at(request, "/"),
        code=str(status) if str(status) in known else "500",
        error=error,
        said=error.sentences(language_of(request)) if isinstance(error, SaidError) else None,
    )


def page_at(request: Request, path: str = "") -> str:
    """The address of one of these pages, by its path below the one that they are served at."""
    return f"{request.scope.get('root_path', '')}{path}"


def go_to(request: Request, path: str) -> Response:
    """On to one of these pages, after a form or a choice."""
    return RedirectResponse(page_at(request, path), 303)


def language_of(request: Request) -> Language:
    """The language that the reader has chosen, or the installation's."""
    asked = request.query_params.get("language", request.cookies.get(LANGUAGE_COOKIE, ""))
    return asked if asked in LANGUAGES else get_settings().language


@lru_cache
def _environment(language: Language) -> Environment:
    made = template_environment("akrim.browser")
    said = texts(language, "pages")
    of_links = texts(language, "linkage")
    made.globals |= {
        "t": said,
        "held_in_words": lambda hold: (language != "en" and hold["reason_nb"]) or hold["reason"],
        "causes_in_words": of_links["queue"],
        "outcomes_in_words": of_links["outcomes"],
        "guards_in_words": of_links["guards"],
        "linked_in_words": of_links["headings"],
        "glyphs": glyph_sheet(),
        "scan_minutes": lambda: get_settings().scan_minutes,
        "language": language,
        "languages": {name: texts(name, "pages")["language"] for name in LANGUAGES},
        "named": lambda code_list, codes: [
            (code, _label(labels(language), code_list, code)) for code in codes
        ],
        "pairs": lambda values: [(value, value) for value in values],
        "label": lambda code_list, code: _label(labels(language), code_list, code),
    }
    made.filters |= {
        "figures": lambda number: "" if number is None else figures(number, language),
        "decimal": lambda number: figures(round(number, 1), language),
        "hundredths": lambda number: format_decimal(number, "0.00", locale=locale_of(language)),
        "weight": lambda bits: _weight(bits, language),
        "clean": clean,
        "commands": _with_commands,
        "day": lambda value: _day(value, language),
        "moment_of": lambda value: _moment(value, language),
    }
    return made


def _weight(bits: float, language: Language) -> str:
    """With its sign and one decimal, whole ones too: they stand below each other and add up."""
    tenths = round(bits, 1) or 0.0
    written: str = format_decimal(tenths, "+0.0;−0.0" if tenths else "0.0", locale=locale_of(language))
    return written


def _with_commands(text: str) -> Markup:
    """A text of ours, escaped, with what stands between backticks as code."""
    code = Markup("<code>{}</code>").format
    return Markup("").join(code(part) if at % 2 else part for at, part in enumerate(text.split("`")))


def _label(named: Mapping[tuple[str, str], str], code_list: str, code: Any) -> str:
    """What a code is called; the code itself where it has no name."""
    return named.get((code_list, str(code)), str(code))


def _day(value: date | datetime | str | None, language: Language) -> str:
    if not value:
        return ""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return format_date(value, texts(language, "language")["day"], locale=locale_of(language))


def _moment(value: str | None, language: Language) -> str:
    if not value:
        return ""
    form = f"{texts(language, 'language')['day']}, HH:mm"  # the day as everywhere else on the page
    return format_datetime(datetime.fromisoformat(value), form, NORWAY, locale=locale_of(language))
