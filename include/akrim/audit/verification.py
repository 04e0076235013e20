"""Checks the log: that no event was changed, removed or put in, and that it still holds what releases state of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from akrim.audit.reading import reading
from akrim.errors import UserError
from akrim.settings import get_settings
from akrim.trust import MANIFEST, Refused
from akrim.trust.keyring import read_trust
from akrim.trust.signing import stated_head


@dataclass(frozen=True)
class Verified:
    """A log that is whole: its number of events, the newest one's hash, and the releases that it was held against.

    `waiting` is the number of requests that the next event will take up.
    """

    position: int
    sha256: str
    releases: list[str]
    waiting: int


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
        problems += _lost(connection, anchors)
        position, sha256 = connection.execute(NEWEST).fetchone() or (0, "")
        (waiting,) = connection.execute("select count(*) from audit.requests_waiting").fetchone() or (0,)
    if problems:
        raise UserError(
            f"The audit log is not what it was: {min(problems)[1]}.",
            "audit.events",
            "Keep it as it is, and hold it against a backup and the last export: `akrim audit export`.",
        )
    return Verified(position, sha256, sorted(anchors), waiting)


def _anchors_of_releases() -> dict[str, dict[str, Any]]:
    """What each release here states, where its manifest bears our signature."""
    settings = get_settings()
    found = {}
    for manifest in sorted(settings.releases_path.glob(f"[!.]*/{MANIFEST}")):
        try:
            read_trust(settings.keys_path, [settings.releases_path]).check(manifest)
        except Refused as refused:
            raise UserError(
                f"What {manifest.parent.name} states of the audit log cannot be believed: {refused.what}",
                str(manifest),
                "Put the release back from a copy.",
            ) from None
        if head := stated_head(manifest):
            found[manifest.parent.name] = head
    return found


def _noted(noted: str) -> dict[str, dict[str, Any]]:
    position, _, sha256 = noted.partition(":")
    if noted and not (position.isdecimal() and sha256):
        raise UserError(
            "That is no position and hash.", "--head", "Write them as 812:ab12…, as they were printed."
        )
    return {"--head": {"position": int(position), "sha256": sha256}} if noted else {}


def _lost(connection: psycopg.Connection, anchors: dict[str, dict[str, Any]]) -> Iterator[tuple[int, str]]:
    """The events that a release states and that are not there, or not the same."""
    positions = [head["position"] for head in anchors.values()]
    held: dict[int, str] = dict(connection.execute(AT, [positions]).fetchall())
    for name, head in anchors.items():
        position = head["position"]
        if held.get(position) != head["sha256"]:
            how = "is another than" if position in held else "is gone, which was"
            yield position, f"event {position} {how} the newest when {name} was made"


# A hash covers the hash before it, so that the first bad one tells where the log was touched.
FIRST_BREAK = """
with chained as (
    select e.position, e.sha256, e.previous_sha256, e.subjects_count, e.subjects_sha256, audit.content(e) as content,
        row_number() over (order by e.position) as place, lag(e.sha256, 1, '') over (order by e.position) as before
    from audit.events as e
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
"""
AT = "select position, sha256 from audit.events where position = any(%s)"
NEWEST = "select position, sha256 from audit.events order by position desc limit 1"
