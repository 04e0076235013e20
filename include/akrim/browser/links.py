"""The pages of links: the queue of pairs that wait, and two records side by side for a clerk to say whether they are one person.

All that is shown is read by the clerk's login: numbers masked, no protected home, no pair that does not wait.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from psycopg.rows import dict_row
from pydantic import BaseModel, Field

from akrim import audit, warehouse
from akrim.browser.access import Reader, Right, may
from akrim.browser.listing import ROWS_A_PAGE, Row, of_total
from akrim.browser.purposes import ask_purpose, purpose_of
from akrim.browser.rendering import language_of, show
from akrim.linkage import in_words
from akrim.linkage.review import RecordKey, Verdict, decide

router = APIRouter()
SeesLinks = Annotated[Reader, Depends(may(Right.LINKS))]

WAITING = "select * from clerk.waiting(%s, %s)"
TAKE = "select * from clerk.take(%s, %s)"
HOLD = "select clerk.hold(%s, %s, %s) as by_name"
COMPARED = "select * from clerk.compared(%s, %s)"
MOST_SKIPPED = 100_000
# By field: what tells whether both say the same.
FIELDS = ("given_name", "middle_name", "family_name", "birth_date", "street_address", "postcode")


class Said(NamedTuple):
    """What both records say of something; `is_equal` is None where one says nothing."""

    name: str
    one: str | None
    other: str | None
    is_equal: bool | None


class PairForm(BaseModel):
    """A pair, and how many were skipped before it."""

    one: str
    other: str
    skip: int = 0


class VerdictForm(PairForm):
    verdict: Verdict
    reason: str = Field(min_length=1, max_length=500)


class NumberForm(PairForm):
    record: str


@router.get("/links")
def queue(request: Request, reader: SeesLinks, page: int = 1) -> Response:
    """The pairs that wait, most important first, by their records' ids alone; the first page where there is none so far on."""
    page = max(page, 1)
    rows = _read(WAITING, ROWS_A_PAGE, (page - 1) * ROWS_A_PAGE)
    if not rows and page > 1:
        return queue(request, reader)
    listed = of_total(rows, page, rows[0]["total"] if rows else 0)
    return show(request, reader, "links.html.j2", listed=listed, causes=rows[0]["causes"] if rows else [])


@router.get("/links/next")
def next_pair(request: Request, reader: SeesLinks, skip: int = 0) -> Response:
    """On to the most important pair that waits and no other clerk has, after those that were skipped; back to the queue where none is left."""
    skip = min(max(skip, 0), MOST_SKIPPED)
    for row in _read(TAKE, reader.name, skip):
        return RedirectResponse(_pair_address(request, row["one"], row["other"], skip), 303)
    return RedirectResponse(f"{request.scope['root_path']}/links", 303)


@router.get("/links/pair")
def pair(request: Request, reader: SeesLinks, one: str, other: str, skip: int = 0) -> Response:
    """Two records side by side, for a purpose that is logged with both persons before they are shown."""
    purpose = purpose_of(request, reader)
    if not purpose:
        return ask_purpose(request, reader)
    return _show_pair(request, reader, (one, other), skip)


def _show_pair(
    request: Request,
    reader: Reader,
    records: tuple[str, str],
    skip: int,
    shown: Mapping[str, str | None] | None = None,
) -> Response:
    found = _read(COMPARED, *records)
    if not found:
        raise HTTPException(404)
    purpose = purpose_of(request, reader)
    (held,) = _read(HOLD, *records, reader.name)
    with warehouse.connect() as connection:
        keys = [RecordKey.parse(record) for record in records]
        persons = audit.persons_of(connection, [(key.source, key.source_record_id) for key in keys])
        told = {"command": "pages links", "pairs": 1}
        audit.record(
            connection, audit.Event("consultation", reader.name, purpose, detail=told, persons=persons)
        )
    weighings = in_words(found[0]["weighings"], language_of(request)) if found[0]["weighings"] else ()
    return show(
        request,
        reader,
        "pair.html.j2",
        one=found[0],
        other=found[1],
        fields=_fields(found[0], found[1]),
        weighings=weighings,
        largest=max((abs(weighing.weight) for weighing in weighings), default=1.0),
        skip=skip,
        shown=shown or {},
        purpose=purpose,
        holder=held["by_name"],
        at=_pair_address(request, *records, skip),
    )


def _fields(one: Row, other: Row) -> list[Said]:
    told = [Said(name, one[name], other[name], _is_equal(one[name], other[name])) for name in FIELDS]
    number = Said("number", one["masked_number"], other["masked_number"], one["are_numbers_equal"])
    return [*told, number, Said("telephone", None, None, one["are_telephones_equal"])]


def _is_equal(one: str | None, other: str | None) -> bool | None:
    return one.casefold() == other.casefold() if one and other else None


@router.post("/links/decide")
def record_verdict(request: Request, reader: SeesLinks, form: Annotated[VerdictForm, Form()]) -> Response:
    """Record the verdict in the reader's name, as `akrim link decide` does, and go on to the next pair."""
    if not _read(COMPARED, form.one, form.other):
        raise HTTPException(404)
    one, other = RecordKey.parse(form.one), RecordKey.parse(form.other)
    decide(one, other, form.verdict, form.reason, reader.name)
    return RedirectResponse(f"{request.scope['root_path']}/links/next?skip={form.skip}", 303)


@router.post("/links/number")
def show_number(request: Request, reader: SeesLinks, form: Annotated[NumberForm, Form()]) -> Response:
    """Both records with the person number of one of them; that it was asked for stands in the log before it is shown."""
    records = (form.one, form.other)
    purpose = purpose_of(request, reader)
    if not purpose:
        return ask_purpose(request, reader, then=_pair_address(request, *records, form.skip))
    if form.record not in records or not _read(COMPARED, *records):
        raise HTTPException(404)
    asked = _read("select clerk.ask_number(%s, %s, %s) as request", form.record, purpose, reader.name)
    number = _read("select clerk.unmask(%s) as number", asked[0]["request"])[0]["number"]
    return _show_pair(request, reader, records, form.skip, {form.record: number})


def _pair_address(request: Request, one: str, other: str, skip: int) -> str:
    return f"{request.scope['root_path']}/links/pair?{urlencode({'one': one, 'other': other, 'skip': skip})}"


def _read(query: str, *values: Any) -> Sequence[Row]:
    """The rows of a query, by the clerk's login, in a transaction of its own."""
    with (
        warehouse.connect(warehouse.clerk_url()) as connection,
        connection.cursor(row_factory=dict_row) as cursor,
    ):
        return cursor.execute(query.encode(), values).fetchall()
