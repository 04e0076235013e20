"""The deliveries that came and the rows that were set aside, as lists show them; call `akrim.warehouse.prepare` first."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from akrim import warehouse
from akrim.characters import neutral_name
from akrim.contracts import load_contracts
from akrim.errors import UserError
from akrim.orchestration import awaited_period, missing_agencies
from akrim.periods import Period, today
from akrim.rules import stale_after_days

Row = dict[str, Any]


@dataclass(frozen=True)
class SetAside:
    """Which rows that were set aside: of this agency, delivery and extract, for this reason; of all where one is empty."""

    agency: str = ""
    delivery: str = ""
    extract: str = ""
    reason: str = ""


# Which deliveries are asked for: all, until one of these is named.
ANY = {"agency": None, "period": None, "delivery": None, "periods": None}
DELIVERIES = """
    select d.delivery_id, d.manifest_sha256, d.agency, d.period, d.mode, d.delivered_at::text as delivered_at, d.reason,
        case when w.delivery_id is null then d.status else 'withdrawn' end as status,
        case when w.delivery_id is not null then format('%%s: %%s', w.by_name, w.reason) else coalesce(d.detail, r.detail) end as detail, d.notes,
        coalesce(sum(f.rows_declared), 0)::bigint as declared, coalesce(sum(f.rows_loaded), 0)::bigint as loaded,
        coalesce(sum(f.rows_quarantined), 0)::bigint as set_aside
    from meta.deliveries as d
    left join meta.delivery_files as f using (delivery_id, manifest_sha256)
    left join meta.delivery_withdrawals as w on w.delivery_id = d.delivery_id and d.status = 'accepted'
    left join (
        select delivery_id, 'Replaced by ' || string_agg(by_delivery_id, ', ' order by by_delivery_id) || '.' as detail
        from meta.replaced_deliveries group by delivery_id
    ) as r on r.delivery_id = d.delivery_id and d.status = 'accepted'
    where (%(agency)s::text is null or d.agency = %(agency)s) and (%(period)s::text is null or d.period = %(period)s)
        and (%(delivery)s::text is null or d.delivery_id = %(delivery)s) and (%(periods)s::text[] is null or d.period = any(%(periods)s))
    group by d.delivery_id, d.manifest_sha256, w.delivery_id, r.detail
"""
IN_ORDER = " order by d.delivered_at nulls first, d.delivery_id, d.received_at"
# What the list of deliveries is sorted by; what has no value comes last.
SORTED_BY = ("delivery_id", "agency", "period", "status", "delivered_at", "loaded", "set_aside")
PAGE = """
select *, count(*) over () as total from ({deliveries}) as came order by {order} delivery_id, manifest_sha256 limit %(limit)s offset %(offset)s
"""
KNOWN = """
select array(select distinct period from meta.deliveries where period is not null order by 1 desc) as periods,
    array(select distinct agency from meta.deliveries order by 1) as agencies
"""
# As they compare with the delivery before; what was accepted before states were kept has none.
EXTRACTS = """
    select d.delivery_id, d.agency, d.period, f.extract, f.state, f.as_of, f.rows_standing as rows, f.rows_usual, c.by_name, c.reason
    from meta.deliveries as d join meta.delivery_files as f using (delivery_id, manifest_sha256)
    left join meta.extract_confirmations as c
        on (c.delivery_id, c.extract, c.state, c.content_digest) = (f.delivery_id, f.extract, f.state, f.content_digest)
    where d.status = 'accepted' and f.state is not null and (%(agency)s::text is null or d.agency = %(agency)s)
        and (%(periods)s::text[] is null or d.period = any(%(periods)s)) and (%(delivery)s::text is null or d.delivery_id = %(delivery)s)
    order by d.delivery_id, f.extract
"""
ASKED = """
    (%(agency)s = '' or agency = %(agency)s) and (%(delivery)s = '' or delivery_id = %(delivery)s)
    and (%(extract)s = '' or extract = %(extract)s) and (%(reason)s = '' or rows.reason = %(reason)s)
"""
QUARANTINE = """
    select delivery_id, extract, row_number, rows.reason, expectation, raw
    from quarantine.rows join meta.deliveries using (delivery_id, manifest_sha256)
    where {asked}
    order by delivery_id, extract, row_number limit %(limit)s offset %(offset)s
"""
COUNTED = """
    select delivery_id, extract, rows.reason, expectation, count(*) as rows
    from quarantine.rows join meta.deliveries using (delivery_id, manifest_sha256)
    where {asked}
    group by 1, 2, 3, 4 order by 5 desc, 1, 2, 3, 4
"""
SET_ASIDE = """
    select delivery_id, agency, period, extract, row_number, rows.reason, expectation, raw
    from quarantine.rows join meta.deliveries using (delivery_id, manifest_sha256)
    where (delivery_id, extract, row_number) = (%(delivery)s, %(extract)s, %(row)s)
    order by received_at desc
"""
FILES = """
    select d.status, d.received_at, f.extract, f.file_name, f.rows_declared, f.rows_loaded, f.rows_quarantined
    from meta.deliveries as d join meta.delivery_files as f using (delivery_id, manifest_sha256)
    where d.delivery_id = %(delivery)s and f.file_name is not null order by d.received_at, f.extract
"""

REPLAYS = """
    select asked_at::text as asked_at, by_name, reason, done_at::text as done_at, outcome, made
    from meta.delivery_replays where delivery_id = %(delivery)s order by replay_id
"""

# What there is to be asked for, by the option that names it.
THERE_IS = {
    "agency": "select distinct agency from meta.deliveries",
    "period": "select distinct period from meta.deliveries where period is not null",
    "delivery": "select distinct delivery_id from meta.deliveries",
    "reason": "select distinct reason from quarantine.rows",
}
MOST_NAMED = 12


def require_known(option: str, given: str | None) -> None:
    """Raise UserError where nothing bears that name, rather than tell that there is nothing; None asks for no name.

    Args:
        option: of `THERE_IS`.
    """
    if given is None:
        return
    known = {name for row in _read(THERE_IS[option], {}) for name in row.values()}
    if option == "agency":
        known |= set(load_contracts())
    if given not in known and (known or option == "delivery"):
        named = sorted(known, reverse=option == "period")
        listed = ", ".join(map(neutral_name, named[:MOST_NAMED])) + (" …" if len(named) > MOST_NAMED else "")
        raise UserError(
            f"There is no {option} {neutral_name(given) or '(empty)'}.",
            f"--{option}",
            f"There are: {listed or 'none yet'}.",
        )


def list_deliveries(agency: str | None, period: str | None) -> list[Row]:
    """Every delivery, or an agency's or a period's, in the order in which they were delivered; then what is `missing`.

    `extracts` tells, in words, those of a delivery that are not simply newer than before; `compared` has all that were, as
    `list_extracts` has them. An agency is missing that is to deliver each period and has not for this one, or for the
    newest one that is over.

    Raises UserError where there is no such agency, or nothing came for that period.
    """
    if period is not None:
        Period.parse(period)
    require_known("agency", agency)
    require_known("period", period)
    return [*_came(agency=agency, period=period), *_missing(agency, period)]


def read_delivery(delivery_id: str) -> list[Row]:
    """That delivery, as `list_deliveries` has it, once for each manifest that came under its id; empty where none did."""
    return _came(delivery=delivery_id)


def list_deliveries_of(periods: Sequence[str]) -> list[Row]:
    """The deliveries for these periods, as `list_deliveries` has them; then what is `missing` for the newest that is over."""
    return [*_came(periods=list(periods)), *_missing(None, None)]


def page_of_deliveries(agency: str, period: str, sort: str, limit: int, offset: int) -> list[Row]:
    """A part of the list of deliveries, of an agency and a period or of all; `total` is how many there are in all.

    Args:
        sort: a column's name, downwards after a minus.
    """
    column, way = sort.removeprefix("-"), "desc" if sort.startswith("-") else "asc"
    order = f"{column} {way} nulls last," if column in SORTED_BY else ""
    asked = {"agency": agency or None, "period": period or None, "limit": limit, "offset": offset}
    return _read(PAGE.format(deliveries=DELIVERIES, order=order), ANY | asked)


def periods_and_agencies() -> tuple[list[str], list[str]]:
    """The periods for which anything came, newest first, and the agencies of which it did."""
    (known,) = _read(KNOWN, {})
    return known["periods"], known["agencies"]


def _came(**asked: Any) -> list[Row]:
    rows = _read(DELIVERIES + IN_ORDER, ANY | asked)
    compared: dict[str, list[Row]] = {}
    for extract in _extracts(**asked):
        compared.setdefault(extract["delivery_id"], []).append(extract)
    for row in rows:
        row["compared"] = compared.get(row["delivery_id"], []) if row["status"] == "accepted" else []
        row["extracts"] = [words for extract in row["compared"] for words in _words(extract)]
    return rows


def list_extracts(delivery_id: str) -> list[Row]:
    """Each extract of an accepted delivery: how it compares with the one before, how old its facts are, and who confirmed it.

    Raises UserError where no such delivery came, or none was accepted since states are kept.
    """
    if rows := _extracts(delivery=delivery_id):
        return rows
    require_known("delivery", delivery_id)
    raise UserError(
        f"No extracts of {neutral_name(delivery_id)} were compared.",
        "meta.delivery_files",
        "`akrim deliveries` shows what came, and what of it was accepted.",
    )


def list_files(delivery_id: str) -> list[Row]:
    """The files of a delivery, as often as it came: rows declared, loaded and set aside. Empty where it declared none."""
    return _read(FILES, {"delivery": delivery_id})


def list_replays(delivery_id: str) -> list[Row]:
    """Each time that the delivery was asked to be read again: by whom, why, and what came of it, None where it waits; oldest first."""
    return _read(REPLAYS, {"delivery": delivery_id})


def count_quarantined(asked: SetAside) -> list[Row]:
    """How many rows were set aside, by delivery, extract, reason and the expectation that failed; most first."""
    return _read(COUNTED.format(asked=ASKED), asdict(asked))


def read_quarantined(delivery: str, extract: str, row_number: int) -> Row:
    """One row that was set aside, `raw` as sent; raises UserError where there is none."""
    for row in _read(SET_ASIDE, {"delivery": delivery, "extract": extract, "row": row_number}):
        return row
    raise UserError(
        "No such row was set aside.", "quarantine.rows", "`akrim quarantine` shows those that were."
    )


def list_quarantined(asked: SetAside, limit: int, offset: int = 0) -> list[Row]:
    """At most so many rows that were set aside, by delivery, extract and row; `raw` is the row as sent."""
    return _read(QUARANTINE.format(asked=ASKED), asdict(asked) | {"limit": limit, "offset": offset})


def _extracts(**asked: Any) -> list[Row]:
    rows = _read(EXTRACTS, ANY | asked)
    limits = stale_after_days()
    for row in rows:
        row["days_old"] = (Period.parse(row["period"]).as_of - row["as_of"]).days if row["as_of"] else None
        limit = limits.get(row["agency"])
        row["is_stale"] = limit is not None and row["days_old"] is not None and row["days_old"] > limit
        row["is_confirmed"] = row["by_name"] is not None
    return rows


def _words(extract: Row) -> list[str]:
    """What is out of the ordinary of an extract, if anything is."""
    rows, usual = (f"{extract[name] or 0:,}" for name in ("rows", "rows_usual"))
    words = {
        "unchanged": f"unchanged since {extract['as_of'] or 'ever'}",
        "empty": f"empty, {usual} rows before" if extract["rows_usual"] else "empty",
        "shrunken": f"shrunken, {rows} rows, {usual} before",
        "swollen": f"swollen, {rows} rows, {usual} before",
    }.get(extract["state"])
    if words is None:
        return []
    more = [f"confirmed by {extract['by_name']}"] * extract["is_confirmed"] + ["stale"] * extract["is_stale"]
    return [", ".join([f"{extract['extract']}: {words}", *more])]


def _missing(agency: str | None, period: str | None) -> list[Row]:
    asked = Period.parse(period) if period else awaited_period(today())
    names = missing_agencies(asked) if asked and asked.as_of < today() else []
    nothing = dict.fromkeys(("delivery_id", "mode", "delivered_at", "reason"))
    return [
        nothing
        | {
            "agency": name,
            "status": "missing",
            "period": str(asked),
            "detail": f"{name} has not delivered",
            "notes": [],
            "extracts": [],
            "compared": [],
        }
        | dict.fromkeys(("declared", "loaded", "set_aside"), 0)
        for name in names
        if agency in {None, name}
    ]


def _read(query: str, parameters: Row) -> list[Row]:
    with warehouse.connect() as connection:
        return warehouse.read_rows(connection, query.encode(), parameters)
