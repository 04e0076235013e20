"""Reading a delivery again after its contract or its reader was mended, so that rows that were set aside are loaded.

All of its files are judged anew, as if they came today; what is accepted becomes a delivery of its own, `<id>~1`, in the place of the
one before it. So a release made before keeps what it was made from, the next one is made from the new, and of either the rows
declared are those loaded and those set aside. A person asks; the agency's next reception does it.
"""

import hashlib
from dataclasses import replace
from typing import NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from akrim import audit
from akrim.characters import neutral_name
from akrim.contracts import load_contracts
from akrim.deliveries.inbox.files import MANIFEST, read_limited
from akrim.deliveries.inbox.listing import open_inbox
from akrim.deliveries.inbox.manifest import FORM_ID, REPLAY_ID, Manifest, read_manifest
from akrim.deliveries.outcome import DeliveryOutcome, Refusal
from akrim.deliveries.removal import require_rows
from akrim.deliveries.scratch import Scratch
from akrim.texts.errors import SaidError, require_reason
from akrim.warehouse import connect, without_person_numbers


class ReplayRequest(NamedTuple):
    """A delivery that is to be read again: the one that stands now, by its own or an earlier replay's id."""

    replay_id: int
    delivery_id: str
    manifest_sha256: str
    agency: str
    folder: str
    status: str
    even_if_same: bool


def ask_replay(delivery_id: str, by_name: str, reason: str, inbox: str, *, even_if_same: bool = False) -> str:
    """Have the delivery read again by its agency's next reception; returns the agency. Asked twice is asked once.

    Args:
        even_if_same: a delivery is made of it even where the same rows are set aside.

    Raises SaidError where it is unknown or no longer in force, its files lie in the inbox no more, or what was removed or erased
    since would come back with it.
    """
    require_reason(by_name, reason)
    with connect() as connection:
        agency, folder, digest = _require_replayable(connection, delivery_id)
        raw = read_limited(open_inbox(inbox) / folder / MANIFEST)
        if raw is None or hashlib.sha256(raw).hexdigest() != digest:
            raise SaidError("replay_without_files", folder, delivery=neutral_name(delivery_id))
        masked = without_person_numbers(connection, reason)
        asked = connection.execute(ASK, [delivery_id, by_name, masked, even_if_same]).rowcount
        if asked:
            told = audit.Event(
                "alteration", by_name, agency=agency, delivery_id=delivery_id, detail={"replay": "asked"}
            )
            audit.record(connection, told)
    return agency


def _require_replayable(connection: psycopg.Connection, delivery_id: str) -> tuple[str, str, str]:
    """Its agency, its folder in the inbox and its manifest's digest; raises SaidError where it may not be read again."""
    name = neutral_name(delivery_id)
    known = connection.execute(KNOWN, [delivery_id]).fetchone()
    if known is None:
        raise SaidError("no_such_delivery", "meta.deliveries", delivery=name)
    agency, folder, digest, is_withdrawn, replaced_by, is_erased_since = known
    if agency not in load_contracts():
        raise SaidError("replay_without_contract", "meta.deliveries", delivery=name)
    if FORM_ID.fullmatch(delivery_id):
        raise SaidError("replay_of_form", "meta.deliveries", delivery=name)
    if is_withdrawn:
        raise SaidError("replay_of_withdrawn", "meta.delivery_withdrawals", delivery=name)
    if replaced_by:
        raise SaidError("replay_of_replaced", "meta.deliveries", delivery=name, newer=replaced_by)
    if is_erased_since:
        raise SaidError("replay_after_erasure", "meta.erasures", delivery=name)
    require_rows(connection, [delivery_id])
    return agency, folder, digest


def require_still_there(request: ReplayRequest) -> None:
    """Raises Refusal where, since it was asked for, something was erased or removed that would come back with it."""
    try:
        with connect() as connection:
            _require_replayable(connection, request.delivery_id)
    except SaidError as gone:
        raise Refusal("file_missing", f"It may be read no more. {gone.what}") from None


def asked_agencies() -> set[str]:
    """The agencies of which a delivery is to be read again."""
    with connect() as connection:
        return {row[0] for row in connection.execute(ASKED).fetchall()}


def open_requests(connection: psycopg.Connection, agency: str) -> list[ReplayRequest]:
    """What is to be read again of the agency, in the order in which it was asked for."""
    with connection.cursor(row_factory=class_row(ReplayRequest)) as cursor:
        return cursor.execute(OPEN, [agency]).fetchall()


def as_replay(request: ReplayRequest, raw: bytes) -> Manifest:
    """The delivery's manifest under the replay's own id, in the place of the one that stands.

    Raises Refusal where these bytes are not those that were accepted.
    """
    if hashlib.sha256(raw).hexdigest() != request.manifest_sha256:
        raise Refusal("file_missing", "Its files are no longer in the inbox as they came.")
    manifest = read_manifest(raw)
    with connect() as connection:
        (number,) = connection.execute(LAST_NUMBER, [manifest.delivery_id]).fetchall()[0]
    return replace(
        manifest, delivery_id=f"{manifest.delivery_id}~{number + 1}", supersedes=request.delivery_id
    )


def newest_replay(manifest: Manifest) -> Manifest:
    """The manifest, superseding what now stands in the place of the delivery that it names."""
    if manifest.supersedes is None:
        return manifest
    with connect() as connection:
        row = connection.execute(NEWEST, [manifest.supersedes]).fetchone()
    return replace(manifest, supersedes=row[0]) if row else manifest


def sets_the_same_aside(request: ReplayRequest, scratch: Scratch) -> bool:
    """Whether the rows judged anew are set aside as they are already, so that there is nothing to do."""
    if request.even_if_same:
        return False
    query = sql.SQL(SAME).format(judged=scratch.table("quarantine"))
    with connect() as connection:
        (is_same,) = connection.execute(
            query, {"delivery": request.delivery_id, "digest": request.manifest_sha256}
        ).fetchall()[0]
    return bool(is_same)


def finish_replay(request: ReplayRequest, outcome: DeliveryOutcome) -> None:
    """Write down what came of it, so that it is not done again."""
    made = outcome.delivery_id if REPLAY_ID.fullmatch(outcome.delivery_id) and outcome.is_new else None
    with connect() as connection:
        connection.execute(FINISH, [outcome.status, made, request.replay_id])


def what_came_of(delivery_id: str) -> DeliveryOutcome:
    """The outcome of reading a delivery again, without its counts, whoever read it; to be called once it was read."""
    with connect() as connection, connection.cursor(row_factory=class_row(DeliveryOutcome)) as cursor:
        return cursor.execute(ENDED, [delivery_id]).fetchall()[0]


ASK = """
insert into meta.delivery_replays (delivery_id, by_name, reason, even_if_same) values (%s, %s, %s, %s)
on conflict (delivery_id) where done_at is null do nothing
"""
# A refused one that came under several manifests is the last of them.
KNOWN = """
select d.agency, d.folder, d.manifest_sha256, w.delivery_id is not null,
    (select s.delivery_id from meta.replaced_deliveries as r join meta.deliveries_in_force as s on s.delivery_id = r.by_delivery_id
        where r.delivery_id = d.delivery_id order by s.delivered_at desc, s.delivery_id desc limit 1),
    exists (select from meta.erasures as e where e.erased_at > d.received_at)
from meta.deliveries as d left join meta.delivery_withdrawals as w on w.delivery_id = d.delivery_id and d.status = 'accepted'
where d.delivery_id = %s order by d.status, d.received_at desc limit 1
"""
ASKED = """
select distinct d.agency from meta.delivery_replays as r join meta.deliveries as d using (delivery_id) where r.done_at is null
"""
OPEN = """
select distinct on (r.replay_id) r.replay_id, d.delivery_id, d.manifest_sha256, d.agency, d.folder, d.status, r.even_if_same
from meta.delivery_replays as r join meta.deliveries as d using (delivery_id)
where r.done_at is null and d.agency = %s order by r.replay_id, d.status, d.received_at desc
"""
LAST_NUMBER = """
select coalesce(max(split_part(delivery_id, '~', 2)::int), 0) from meta.deliveries
where split_part(delivery_id, '~', 1) = %s and delivery_id like '%%~%%'
"""
NEWEST = """
select delivery_id from meta.deliveries_in_force where split_part(delivery_id, '~', 1) = %s
order by split_part(delivery_id || '~0', '~', 2)::int desc limit 1
"""
SAME = """
with before as (
    select extract, row_number from quarantine.rows where delivery_id = %(delivery)s and manifest_sha256 = %(digest)s
), now as (
    select extract, row_number from {judged}
)
select not exists ((table before except table now) union all (table now except table before))
"""
ENDED = """
select coalesce(r.made, r.delivery_id) as delivery_id, d.agency, r.outcome as status, d.reason as code, d.detail
from meta.delivery_replays as r join meta.deliveries as d using (delivery_id)
where r.delivery_id = %s order by r.replay_id desc, d.status, d.received_at desc limit 1
"""
FINISH = "update meta.delivery_replays set done_at = now(), outcome = %s, made = %s where replay_id = %s"
