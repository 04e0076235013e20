"""Checks the log: that no event was changed, removed or put in, and that it still holds what releases state of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from akrim.audit.reading import reading
from akrim.errors import UserError
from akrim.periods import Period
from akrim.settings import get_settings
from akrim.trust import MANIFEST, Refused
from akrim.trust.keyring import read_trust
from akrim.trust.signing import stated_head

POSITION = re.compile("[0-9]{1,18}")  # as PostgreSQL keeps a number


@dataclass(frozen=True)
class Verified:
    """A log that is whole: its number of events, the newest one's hash, and the releases that it was held against.

    `waiting` is the number of requests that the next event will take up; `cut` the position up to which the log's beginning is
    past its limit and gone, 0 where it is all there.
    """

    position: int
    sha256: str
    releases: list[str]
    waiting: int
    cut: int = 0


def verify(noted: str = "") -> Verified:
    """Check the chain, the events' persons, and the position and hash in each release's signature.

    Args:
        noted: a position and hash that an earlier check ended with, as position:hash.

    Raises UserError where the log is not what it was, naming the first bad position.
    """
    anchors = {**_anchors_of_releases(), **_noted(noted)}
    with reading() as connection:
        broken = connection.execute(FIRST_BREAK).fetchone()
        problems = [(int(broken[0]), f"event {broken[0]}: {broken[1]}")] if broken else []
        cut, until = connection.execute(CUT).fetchone() or (0, date.min)
        problems += _lost(connection, anchors, cut, until)
        position, sha256 = connection.execute(NEWEST).fetchone() or (0, "")
        ((waiting,),) = connection.execute("select count(*) from audit.requests_waiting").fetchall()
    if noted and anchors["--head"]["position"] <= cut:
        raise UserError(
            f"What was noted is past its limit: the log begins after event {cut}.",
            "--head",
            "Check without it, and note what that prints.",
        )
    if problems:
        raise UserError(
            f"The audit log is not what it was: {min(problems)[1]}.",
            "audit.events",
            "Keep it as it is, and hold it against a backup and the last export: `akrim audit export`.",
        )
    return Verified(position, sha256, sorted(anchors), waiting, cut)


def _anchors_of_releases() -> dict[str, dict[str, Any]]:
    """What each release here states, where its manifest bears our signature."""
    settings = get_settings()
    found = {}
    for manifest in sorted(settings.releases_path.glob(f"[!.]*/{MANIFEST}")):
        try:
            read_trust(settings.keys_path, [settings.releases_path]).check(manifest)
        except Refused as refused:
            is_of_keys = refused.code == "no_keys"
            raise UserError(
                f"What {manifest.parent.name} states of the audit log cannot be believed: {refused.what}",
                refused.where if is_of_keys else str(manifest),
                f"Put {'the keys' if is_of_keys else 'the release'} back from a backup.",
            ) from None
        if head := stated_head(manifest):
            found[manifest.parent.name] = head
    return found


def _noted(noted: str) -> dict[str, dict[str, Any]]:
    position, _, sha256 = noted.partition(":")
    if noted and not (POSITION.fullmatch(position) and sha256):
        raise UserError(
            "That is no position and hash.", "--head", "Write them as 812:ab12…, as they were printed."
        )
    return {"--head": {"position": int(position), "sha256": sha256}} if noted else {}


def _lost(
    connection: psycopg.Connection, anchors: dict[str, dict[str, Any]], cut: int, until: date
) -> Iterator[tuple[int, str]]:
    """The events that a release states and that are not there, or not the same.

    What was logged by the day of a cut is gone by right; whatever a release of a later date states must be there.
    """
    positions = [head["position"] for head in anchors.values()]
    held: dict[int, str] = dict(connection.execute(AT, [positions]).fetchall())
    for name, head in anchors.items():
        position = head["position"]
        if position <= cut and _as_of(name) <= until:
            continue
        if held.get(position) != head["sha256"]:
            how = "is another than" if position in held else "is gone, which was"
            yield position, f"event {position} {how} the newest when {name} was made"


def _as_of(name: str) -> date:
    """A release's cut-off date, before which nothing of it was logged; of what somebody has noted the earliest there is."""
    period = name.partition(".")[0]
    return date.min if period == "--head" else Period.parse(period).as_of


# Where what is left of the log begins: the events say so themselves, so that a cut cannot be told later than it was.
NEWEST_CUT = """
select (detail #>> '{cut,position}')::bigint as position, detail #>> '{cut,sha256}' as sha256, (detail #>> '{cut,day}')::date as day
from audit.events where action = 'erasure' and detail ? 'cut' order by position desc limit 1
"""
CUT = f"select position, day from ({NEWEST_CUT}) as c"  # noqa: S608  # composed of the constant above alone
# A hash covers the hash before it, so that the first bad one tells where the log was touched.
FIRST_BREAK = f"""
with newest_cut as ({NEWEST_CUT}),
chained as (
    select e.position, e.sha256, e.previous_sha256, e.subjects_count, e.subjects_sha256, audit.content(e) as content,
        row_number() over (order by e.position) + coalesce(c.position, 0) as place,
        coalesce(lag(e.sha256) over (order by e.position), c.sha256, '') as before
    from audit.events as e left join newest_cut as c on true
),
named as (
    select position, count(*) as persons, audit.digest(audit.subjects_text(array_agg(person_id))) as sha256
    from audit.subjects group by position
),
judged as (
    select coalesce(c.position, n.position) as position, case
        when c.position is null then 'it has persons and is not there'
        when c.position <> c.place then 'it does not follow the event before, of which one or more are gone'
        when c.previous_sha256 <> c.before then 'it does not follow the event before'
        when c.sha256 <> audit.digest(c.content) then 'it was changed'
        when c.subjects_count <> coalesce(n.persons, 0) or c.subjects_sha256 <> coalesce(n.sha256, audit.digest(''))
            then 'the persons whom it was about were changed' end as problem
    from chained as c full join named as n using (position)
)
select position, problem from judged where problem is not null order by position limit 1
"""  # noqa: S608  # composed of constants of this module alone
AT = "select position, sha256 from audit.events where position = any(%s)"
NEWEST = "select position, sha256 from audit.events order by position desc limit 1"
