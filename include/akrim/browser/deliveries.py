"""The pages of deliveries: agencies by periods, one delivery, and what was set aside of it."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import IO, Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import StreamingResponse

from akrim import audit, deliveries, insight, releases
from akrim.browser.access import Reader, Reason, Right, may
from akrim.browser.listing import ROWS_A_PAGE, Page, Row, of_total, read_page, within
from akrim.browser.purposes import require_purpose
from akrim.browser.rendering import go_to, show
from akrim.contracts import DECISIONS_SENDER, load_contracts
from akrim.errors import UserError
from akrim.sending.agencies import sealed_receipt
from akrim.settings import get_settings

router = APIRouter()
SeesDeliveries = Annotated[Reader, Depends(may(Right.DELIVERIES))]
Settles = Annotated[Reader, Depends(may(Right.SETTLE))]
SeesRows = Annotated[Reader, Depends(may(Right.ROWS))]

# What stands for a period of which several deliveries came.
BY_WEIGHT = ("accepted", "withdrawn", "refused", "missing")
ORDINARY = {"first", "changed"}
PERIODS_SHOWN = 6
# What may be read again, and what may be in a release.
READ_AGAIN, MAY_COUNT = {"accepted", "refused"}, {"accepted", "withdrawn"}
BLOCK = 1 << 20


class Cell(NamedTuple):
    """What came of an agency for a period: its state, the delivery that says so, and what is out of the ordinary in it."""

    status: str
    delivery_id: str | None
    others: int
    as_of: Any
    notes: list[tuple[str, int]]


@router.get("/deliveries")
def overview(
    request: Request,
    reader: SeesDeliveries,
    agency: str = "",
    period: str = "",
    sort: str = "-delivered_at",
    page: Page = 1,
) -> Response:
    """Agencies by periods, and every delivery."""
    listed = read_page(partial(insight.page_of_deliveries, agency, period, sort), page)
    periods, known = insight.periods_and_agencies()
    in_grid = insight.list_deliveries_of(periods[:PERIODS_SHOWN])
    shown = sorted({row["period"] for row in in_grid if row["period"]}, reverse=True)[:PERIODS_SHOWN]
    agencies = sorted({*load_contracts(), *known})
    return show(
        request,
        reader,
        "deliveries.html.j2",
        grid=[(name, [_cell(in_grid, name, of) for of in shown]) for name in agencies],
        shown=shown,
        periods=sorted({*periods, *shown}, reverse=True),
        agencies=agencies,
        listed=listed,
        asked={"agency": agency, "period": period},
        sort=sort,
    )


def _cell(rows: Sequence[Row], agency: str, period: str) -> Cell | None:
    of_both = [row for row in rows if (row["agency"], row["period"]) == (agency, period)]
    if not of_both:
        return None
    status = min((row["status"] for row in of_both), key=BY_WEIGHT.index)
    newest = [row for row in of_both if row["status"] == status][-1]
    states = [extract["state"] for extract in newest["compared"] if extract["state"] not in ORDINARY]
    states += ["stale"] * sum(extract["is_stale"] for extract in newest["compared"])
    days = [extract["as_of"] for extract in newest["compared"] if extract["as_of"]]
    notes = [(state, states.count(state)) for state in dict.fromkeys(states)]
    return Cell(status, newest["delivery_id"], len(of_both) - 1, max(days, default=None), notes)


@router.get("/deliveries/{delivery_id}")
def delivery(request: Request, reader: SeesDeliveries, delivery_id: str) -> Response:
    """One delivery, as often as it came: its files, how they compare, what was refused or set aside, and which releases it concerns."""
    came = insight.read_delivery(delivery_id)
    if not came:
        raise HTTPException(404)
    states = {row["status"] for row in came}
    replays = insight.list_replays(delivery_id)
    is_waiting = any(replay["done_at"] is None for replay in replays)
    compared: list[Row] = next((row["compared"] for row in came if row["compared"]), [])
    return show(
        request,
        reader,
        "delivery.html.j2",
        came=came,
        delivery_id=delivery_id,
        compared=compared,
        ordinary=ORDINARY,
        files=insight.list_files(delivery_id),
        counted=insight.count_quarantined(insight.SetAside(delivery=delivery_id)),
        impact=insight.list_impact(delivery_id) if states & MAY_COUNT else [],
        replays=replays,
        may_replay=reader.may(Right.SETTLE) and bool(states & READ_AGAIN) and not is_waiting,
        may_settle=reader.may(Right.SETTLE) and "accepted" in states,
        # A centre is answered in its next release.
        may_hand_over=reader.may(Right.ROWS) and came[0]["agency"] != DECISIONS_SENDER,
    )


@router.post("/deliveries/{delivery_id}/confirm")
def confirm(
    request: Request,
    reader: Settles,
    delivery_id: str,
    extract: Annotated[str, Form()],
    reason: Reason,
) -> Response:
    """Let an extract go as it came, in the reader's name."""
    deliveries.confirm_extract(delivery_id, extract, reader.name, reason)
    return go_to(request, f"/deliveries/{delivery_id}")


@router.post("/deliveries/{delivery_id}/withdraw")
def withdraw(request: Request, reader: Settles, delivery_id: str, reason: Reason) -> Response:
    """Take the delivery out of force, in the reader's name."""
    deliveries.withdraw(delivery_id, reader.name, reason)
    releases.hide_homes()  # whose protection it had lifted is protected again
    return go_to(request, f"/deliveries/{delivery_id}")


@router.post("/deliveries/{delivery_id}/replay")
def replay(request: Request, reader: Settles, delivery_id: str, reason: Reason) -> Response:
    """Have the delivery read again in the reader's name, by the next reading of the inbox."""
    deliveries.ask_replay(delivery_id, reader.name, reason, get_settings().inbox)
    return go_to(request, f"/deliveries/{delivery_id}")


@router.post("/deliveries/{delivery_id}/receipt")
def receipt(reader: SeesRows, delivery_id: str, manifest: Annotated[str, Form()]) -> Response:
    """The agency's receipt with its rows that were set aside, sealed: whoever fetches it cannot open it."""
    name, sealed = sealed_receipt(delivery_id, manifest, reader.name)
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return StreamingResponse(_blocks(sealed), media_type="application/octet-stream", headers=headers)


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while block := file.read(BLOCK):
            yield block


@router.get("/quarantine")
def quarantine(
    request: Request, reader: SeesDeliveries, asked: Annotated[insight.SetAside, Depends()], page: Page = 1
) -> Response:
    """What was set aside, by reason, and the numbers of the rows; none of them as sent."""
    everything = insight.count_quarantined(insight.SetAside(asked.agency, asked.delivery))
    counted = [
        row
        for row in everything
        if asked.reason in {"", row["reason"]} and asked.extract in {"", row["extract"]}
    ]
    total = sum(row["rows"] for row in counted)
    page = within(page, total)
    rows = insight.list_quarantined(asked, ROWS_A_PAGE, (page - 1) * ROWS_A_PAGE) if total else []
    files = insight.list_files(asked.delivery) if asked.delivery else []
    return show(
        request,
        reader,
        "set_aside.html.j2",
        counted=counted,
        listed=of_total(rows, page, total),
        agencies=sorted(load_contracts()),
        reasons=sorted({row["reason"] for row in everything} | {asked.reason} - {""}),
        extracts=sorted({row["extract"] for row in everything} | {asked.extract} - {""}),
        files={file["extract"]: file["file_name"] for file in files},
        asked=asked,
        may_see_rows=reader.may(Right.ROWS),
    )


@router.get("/quarantine/{delivery_id}/{extract}/{number}")
def quarantined_row(
    request: Request, reader: SeesRows, delivery_id: str, extract: str, number: int
) -> Response:
    """One row as sent, for a purpose that is logged before the row is shown."""
    purpose = require_purpose(request, reader)
    try:
        row = insight.read_quarantined(delivery_id, extract, number)
    except UserError:
        raise HTTPException(404) from None
    audit.log_consultation(
        "pages quarantine", reader.name, purpose, agency=row["agency"], delivery_id=delivery_id, rows=1
    )
    return show(request, reader, "quarantined_row.html.j2", row=row, purpose=purpose)
