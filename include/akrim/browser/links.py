"""The pages of links: the queue of pairs that wait, two records side by side for a clerk to judge, blind second readings, and conflicts.

What records say is read by the clerk's login: numbers masked, no protected home, no pair that does not wait. Of a pair's history and
its group the owner reads ids, weights and verdicts.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from math import cos, pi, sin
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field

from akrim import audit, warehouse
from akrim.browser.access import Reader, Right, may
from akrim.browser.listing import Page, Row, cut, read_page
from akrim.browser.purposes import require_purpose
from akrim.browser.rendering import go_to, language_of, page_at, show
from akrim.linkage import in_words
from akrim.linkage.quality import agreement
from akrim.linkage.review import (
    Group,
    Reading,
    RecordKey,
    Verdict,
    decide,
    disagreements,
    findings_on,
    group_of,
    settle,
    verdicts_on,
)
from akrim.texts.errors import SaidError
from akrim.warehouse import embedded

router = APIRouter()
SeesLinks = Annotated[Reader, Depends(may(Right.LINKS))]
Settles = Annotated[Reader, Depends(may(Right.CONFLICTS))]

WAITING = "select * from clerk.waiting(%s, %s)"
TAKE = "select * from clerk.take(%s, %s)"
HOLD = "select clerk.hold(%s, %s, %s) as by_name"
COMPARED = "select * from clerk.compared(%s, %s)"
AGAIN = "select count(*) as pairs from clerk.again(%s)"
BESIDE = "select * from clerk.beside(%s, %s, %s)"
TAKE_AGAIN = "select * from clerk.take_again(%s)"
COMPARED_AGAIN = "select * from clerk.compared_again(%s, %s, %s)"
MOST_SKIPPED = 100_000
# A group of more units is told in a list alone.
MOST_DRAWN = 24
# So many units lie on a circle of 1 without lying over each other, and what is left free around the middles of the outermost.
CLOSEST = 16
MARGIN = 0.3
# So many further records of the group stand side by side; of more, ids alone.
MOST_BESIDE = 6
DISAGREE = "readers_disagree"
# By field: what tells whether both say the same.
FIELDS = ("given_name", "middle_name", "family_name", "birth_date", "street_address", "postcode")


class Said(NamedTuple):
    """What both records say of something; `is_equal` is None where one says nothing.

    `is_read_alike`: written otherwise, and weighed as equal, such as a name with and without a further one.
    """

    name: str
    one: str | None
    other: str | None
    is_equal: bool | None
    is_read_alike: bool = False


class PairForm(BaseModel):
    """A pair, which reading of it this is, and how many were skipped before it."""

    one: str
    other: str
    reading: Reading = "first"
    skip: int = 0


class VerdictForm(PairForm):
    verdict: Verdict
    reason: str = Field(min_length=1, max_length=500)


class NumberForm(PairForm):
    record: str


@router.get("/links")
def queue(request: Request, reader: SeesLinks, page: Page = 1) -> Response:
    """The pairs that wait, most important first, by their records' ids alone; the first page where there is none so far on."""
    listed = read_page(partial(_read, WAITING), page)
    return show(
        request,
        reader,
        "links.html.j2",
        listed=listed,
        causes=listed.rows[0]["causes"] if listed.rows else [],
        again=_read(AGAIN, reader.name)[0]["pairs"],
        agreement=agreement(),
        may_settle=reader.may(Right.CONFLICTS),
    )


@router.get("/links/next")
def next_pair(request: Request, reader: SeesLinks, skip: int = 0) -> Response:
    """On to the most important pair that waits and no other clerk has, after those that were skipped; back to the queue where none is left."""
    skip = min(max(skip, 0), MOST_SKIPPED)
    return _to_first(request, _read(TAKE, reader.name, skip), skip=skip)


@router.get("/links/again")
def next_again(request: Request, reader: SeesLinks) -> Response:
    """On to a pair that the reader is to read blind; back to the queue where none is left."""
    return _to_first(request, _read(TAKE_AGAIN, reader.name), reading="second")


def _to_first(request: Request, pairs: Sequence[Row], reading: Reading = "first", skip: int = 0) -> Response:
    if not pairs:
        return go_to(request, "/links")
    pair = PairForm(one=pairs[0]["one"], other=pairs[0]["other"], reading=reading, skip=skip)
    return go_to(request, _path_of(pair))


@router.get("/links/conflicts")
def conflicts(request: Request, reader: Settles, page: Page = 1) -> Response:
    """What two readers disagree on, with what both said, for a lead to settle; for a purpose that is logged with the persons of these pairs."""
    purpose = require_purpose(request, reader)
    listed = cut(disagreements(), page)
    keys = [RecordKey.parse(row[side]) for row in listed.rows for side in ("one", "other")]
    audit.log_consultation("pages links", reader.name, purpose, records=keys, pairs=len(listed.rows))
    return show(request, reader, "conflicts.html.j2", listed=listed, agreement=agreement())


@router.get("/links/pair")
def pair(request: Request, reader: SeesLinks, asked: Annotated[PairForm, Query()]) -> Response:
    """Two records side by side, for a purpose that is logged with both persons before they are shown."""
    return _show_pair(request, reader, asked, require_purpose(request, reader))


def _compared(reader: Reader, pair: PairForm) -> Sequence[Row]:
    """What both records say of a pair that waits for the reader.

    Raises SaidError where it has been read, as when somebody goes back or has it open twice; HTTPException 404 where it never waited, and 403
    where it waits for a lead.
    """
    if pair.reading == "second":
        blind = {"cause": "", "guard": None, "weighings": None}
        found = [row | blind for row in _read(COMPARED_AGAIN, pair.one, pair.other, reader.name)]
    else:
        found = list(_read(COMPARED, pair.one, pair.other))
    if not found:
        if verdicts_on(RecordKey.parse(pair.one), RecordKey.parse(pair.other)):
            raise SaidError("pair_read", one=pair.one, other=pair.other)
        raise HTTPException(404)
    if found[0]["cause"] == DISAGREE and not reader.may(Right.CONFLICTS):
        raise HTTPException(403)
    return found


def _show_pair(
    request: Request,
    reader: Reader,
    pair: PairForm,
    purpose: str,
    shown: Mapping[str, str | None] | None = None,
) -> Response:
    records = (pair.one, pair.other)
    found = _compared(reader, pair)
    (held,) = _read(HOLD, *records, reader.name)
    keys = [RecordKey.parse(record) for record in records]
    audit.log_consultation("pages links", reader.name, purpose, records=keys, pairs=1)
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
        pair=pair,
        **_known_of(pair, *keys),
        shown=shown or {},
        purpose=purpose,
        holder=held["by_name"],
        at=page_at(request, _path_of(pair)),
    )


def _known_of(pair: PairForm, one: RecordKey, other: RecordKey) -> dict[str, Any]:
    """The pair's history and its group; none of it for who reads blind."""
    if pair.reading == "second":
        return {"is_blind": True, "verdicts": [], "findings": [], "group": None, "places": [], "beside": []}
    group = group_of(one, other)
    return {
        "is_blind": False,
        "verdicts": verdicts_on(one, other),
        "findings": findings_on(one, other),
        "group": group,
        "places": (places := _places(group)),
        "edges": _edges(places),
        "beside": _beside(pair),
    }


def _beside(pair: PairForm) -> Sequence[Row]:
    """What the group's further records say, where they are few."""
    found = _read(BESIDE, pair.one, pair.other, MOST_BESIDE + 1)
    return found if len(found) <= MOST_BESIDE else []


def _places(group: Group) -> list[tuple[float, float]]:
    """Where each unit of the group is drawn: on a circle, the first at its left; nowhere where they are too many."""
    count = len(group.units)
    if count > MOST_DRAWN:
        return []
    angles = [pi - 2 * pi * unit.place / count for unit in group.units]
    radius = max(1.0, count / CLOSEST)
    return [(round(radius * cos(angle), 3), round(-radius * sin(angle), 3)) for angle in angles]


def _edges(places: Sequence[tuple[float, float]]) -> str:
    """What the drawing shows, as its viewBox: as high as the units lie apart, so that two of them lie in no empty room."""
    if not places:
        return ""
    left, (least, most) = places[0][0] - MARGIN, (end(down for _, down in places) for end in (min, max))
    return " ".join(f"{edge:g}" for edge in (left, least - MARGIN, -2 * left, most - least + 2 * MARGIN))


def _fields(one: Row, other: Row) -> list[Said]:
    told = [
        Said(
            name,
            one[name],
            other[name],
            equal := _is_equal(one[name], other[name]),
            equal is False and _weighs_equal(one, name),
        )
        for name in FIELDS
    ]
    number = Said("number", one["masked_number"], other["masked_number"], one["are_numbers_equal"])
    return [*told, number, Said("telephone", None, None, one["are_telephones_equal"])]


def _weighs_equal(compared: Row, name: str) -> bool:
    weighed = (compared["weighings"] or {}).get(name)
    return isinstance(weighed, dict) and weighed["level"] == "equal"


def _is_equal(one: str | None, other: str | None) -> bool | None:
    return one.casefold() == other.casefold() if one and other else None


@router.post("/links/decide")
def record_verdict(request: Request, reader: SeesLinks, form: Annotated[VerdictForm, Form()]) -> Response:
    """Record the verdict in the reader's name, as `akrim link decide` does, and go on to the next pair."""
    (found, _) = _compared(reader, form)
    one, other = RecordKey.parse(form.one), RecordKey.parse(form.other)
    if found["cause"] == DISAGREE:
        settle(one, other, form.verdict, form.reason, reader.name)
        return go_to(request, "/links/conflicts")
    decide(one, other, form.verdict, form.reason, reader.name, form.reading)
    return go_to(request, "/links/again" if form.reading == "second" else f"/links/next?skip={form.skip}")


@router.post("/links/number")
def show_number(request: Request, reader: SeesLinks, form: Annotated[NumberForm, Form()]) -> Response:
    """Both records with the person number of one of them; that it was asked for stands in the log before it is shown."""
    purpose = require_purpose(request, reader, then=page_at(request, _path_of(form)))
    if form.record not in (form.one, form.other):
        raise HTTPException(404)
    _compared(reader, form)
    asked = _read("select clerk.ask_number(%s, %s, %s) as request", form.record, purpose, reader.name)
    number = _read("select clerk.unmask(%s) as number", asked[0]["request"])[0]["number"]
    return _show_pair(request, reader, form, purpose, {form.record: number})


def _path_of(pair: PairForm) -> str:
    asked = {"one": pair.one, "other": pair.other, "reading": pair.reading, "skip": pair.skip}
    return f"/links/pair?{urlencode(asked)}"


def _read(query: str, *values: Any) -> Sequence[Row]:
    """The rows of a query, by the clerk's login, in a transaction of its own."""
    with warehouse.connect(warehouse.login_url(embedded.CLERK)) as connection:
        return warehouse.read_rows(connection, query.encode(), values)
