"""Legal holds: a person, a delivery or a release that must not be removed, whatever its limit and whoever asks.

A hold is two rows of meta.legal_holds, opened and released, which go with the audit log's telling of them or with a person who is
erased. A person is held under every id that he or she has had, with every record that was ever theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

import psycopg
from psycopg.rows import class_row

from akrim import audit, warehouse
from akrim.errors import UserError
from akrim.texts.errors import require_reason

HoldKind = Literal["person", "delivery", "release"]


@dataclass(frozen=True)
class Hold:
    """Something held, by whom, why, and since when (a date, by UTC)."""

    kind: HoldKind
    held_id: str
    by_name: str
    reason: str
    since: str

    def __str__(self) -> str:
        return f"{self.kind} {self.held_id}, held since {self.since} by {self.by_name}: {self.reason}"


@dataclass(frozen=True)
class Held:
    """What must stay: deliveries and releases by id, persons under every id, and records by (agency, extract, key)."""

    deliveries: frozenset[str]
    releases: frozenset[str]
    persons: frozenset[str]
    records: frozenset[tuple[str, str, str]]


def record_hold(
    kind: HoldKind, held_id: str, event: Literal["opened", "released"], by: str, reason: str
) -> None:
    """Hold something, or let it go; logged, for a person as an alteration of what is kept of him or her.

    Args:
        held_id: of a person any id that is the held one's by now, also where another was held; a hold under the very id comes first.

    Raises UserError where there is no such thing, it is held already, or is not held, or under several ids, or no reason is given.
    """
    require_reason(by, reason)
    with warehouse.connect() as connection:
        holds = _holds_of(connection, kind, held_id)
        if not holds and not connection.execute(KNOWN[kind], {"id": held_id}).fetchone():
            raise UserError(f"There is no {kind} {held_id}.", KNOWN_AT[kind], "Give an id as lists show it.")
        _require_state(kind, held_id, event, holds)
        held_id = holds[0] if holds else held_id
        reason = warehouse.without_person_numbers(connection, reason)
        ((hold_id,),) = connection.execute(RECORD, [kind, held_id, event, by, reason]).fetchall()
        told = {"hold": event, "hold_id": hold_id, "kind": kind}
        what: dict[str, dict[str, Any]] = {
            "person": {"persons": [held_id]},
            "delivery": {"delivery_id": held_id},
            "release": {"release_id": held_id},
        }
        audit.record(connection, audit.Event("alteration", by, detail=told, **what[kind]))


def _holds_of(connection: psycopg.Connection, kind: HoldKind, held_id: str) -> list[str]:
    """The ids under which it is held: the very id, or else, of a person, others that are the same person's by now."""
    ids = [hold.held_id for hold in current_holds(connection) if hold.kind == kind]
    if held_id in ids or kind != "person":
        return [held_id] if held_id in ids else []
    return [same for (same,) in connection.execute(SAME_PERSON, {"held": ids, "asked": held_id}).fetchall()]


def _require_state(kind: HoldKind, held_id: str, event: str, holds: list[str]) -> None:
    """Raise UserError where what is to be held is, or what is to be let go is not, or it is not plain which hold is meant."""
    told = f"The {kind} {held_id} is "
    if event == "released" and len(holds) > 1:
        raise UserError(
            f"{told}held under several ids: {', '.join(holds)}.", "meta.legal_holds", "Let each go by its id."
        )
    if bool(holds) == (event == "opened"):
        other = f" as {', '.join(holds)}" if holds and holds != [held_id] else ""
        state = f"held already{other}" if holds else "not held"
        raise UserError(f"{told}{state}.", "meta.legal_holds", "`akrim retention show`.")


def current_holds(connection: psycopg.Connection) -> list[Hold]:
    """What is held now, by kind and id."""
    with connection.cursor(row_factory=class_row(Hold)) as cursor:
        return cursor.execute(CURRENT).fetchall()


def held(connection: psycopg.Connection) -> Held:
    """All that must stay because of a hold; what a held release was made from is held with it."""
    holds = current_holds(connection)
    ids = {kind: [h.held_id for h in holds if h.kind == kind] for kind in get_args(HoldKind)}
    pinned = connection.execute(PINNED, [ids["release"]]).fetchall()
    persons = connection.execute(PERSONS, [ids["person"]]).fetchall()
    records = connection.execute(RECORDS, [ids["person"]]).fetchall()
    return Held(
        frozenset(ids["delivery"]) | {row[0] for row in pinned},
        frozenset(ids["release"]),
        frozenset(ids["person"]) | {row[0] for row in persons},
        frozenset((source, extract, key) for source, extract, key in records),
    )


def refuse_held(
    connection: psycopg.Connection,
    person_id: str,
    deliveries: list[str],
    releases: list[str],
    named: list[str],
) -> None:
    """Raise UserError where the person, a delivery or release that holds the person, or somebody whom a part that goes names, is held."""
    wanted = {"delivery": deliveries, "release": releases}
    for hold in current_holds(connection):
        is_same = connection.execute(IS_SAME, {"held": hold.held_id, "asked": [person_id, *named]}).fetchone()
        if is_same if hold.kind == "person" else hold.held_id in wanted[hold.kind]:
            raise UserError(
                f"{person_id} cannot be erased: {hold}.",
                "meta.legal_holds",
                "Whoever holds it lets it go first:\n"
                f"         akrim retention release {hold.kind} {hold.held_id} --by NAME --reason WHY",
            )


def forget_holds(connection: psycopg.Connection, person_ids: Sequence[str]) -> None:
    """Forget in the caller's transaction that somebody with these ids was held once, and why; the log keeps who opened and ended it."""
    connection.execute(
        "delete from meta.legal_holds where kind = 'person' and held_id = any(%s)", [list(person_ids)]
    )


def forget_ended_holds(connection: psycopg.Connection, day: date) -> None:
    """Forget in the caller's transaction the holds that had ended by that day's end, with why and by whom."""
    connection.execute(FORGET_ENDED, [day])


KNOWN = {
    "person": "select 1 from linkage.person_record_history where person_id = linkage.holder(%(id)s) limit 1",
    "delivery": "select 1 from meta.deliveries where delivery_id = %(id)s and status = 'accepted'",
    "release": "select 1 from meta.releases where release_id = %(id)s",
}
KNOWN_AT = {"person": "linkage.person_records", "delivery": "meta.deliveries", "release": "meta.releases"}
RECORD = """
insert into meta.legal_holds (kind, held_id, event, by_name, reason) values (%s, %s, %s, %s, %s) returning hold_id
"""
FORGET_ENDED = """
delete from meta.legal_holds as gone using meta.legal_holds as ended
where ended.event = 'released' and (ended.recorded_at at time zone 'Europe/Oslo')::date <= %s
    and gone.kind = ended.kind and gone.held_id = ended.held_id and gone.hold_id <= ended.hold_id
"""
CURRENT = """
select kind, held_id, by_name, reason, to_char(recorded_at at time zone 'Europe/Oslo', 'YYYY-MM-DD') as since
from (select distinct on (kind, held_id) * from meta.legal_holds order by kind, held_id, hold_id desc) as newest
where event = 'opened' order by kind, held_id
"""
PINNED = "select distinct delivery_id from meta.release_deliveries where release_id = any(%s)"
# Every id of a held person, and every record that was ever under one of them.
IDS = "select ids.person_id from unnest(%s::text[]) as asked (id) cross join lateral audit.ids_of(asked.id) as ids (person_id)"
PERSONS = f"select distinct person_id from ({IDS}) as ids"  # noqa: S608  # a constant above
RECORDS = f"""
select distinct source, extract, source_record_id from linkage.person_record_history where person_id in ({IDS})
"""  # noqa: S608  # a constant above
SAME_PERSON = """
select id from unnest(%(held)s::text[]) as held (id) where linkage.holder(id) = linkage.holder(%(asked)s) order by id
"""
# Of two whom linkage has parted either has records that were the other's.
IS_SAME = """
select 1 from unnest(%(asked)s::text[]) as asked (id)
where linkage.resolve(asked.id) in (select linkage.resolve(ids.person_id) from audit.ids_of(%(held)s) as ids (person_id))
    or exists (
        select from linkage.person_record_history as theirs
        join linkage.person_record_history as hers using (source, source_record_id)
        where theirs.person_id in (select audit.ids_of(asked.id)) and hers.person_id in (select audit.ids_of(%(held)s))
    ) limit 1
"""
