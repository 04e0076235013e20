"""Reading and updating the register of releases.

A release's pins are fixed when its id is reserved; every stage reads them here and never looks for "the latest".
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, LiteralString

import psycopg
from psycopg import sql

from akrim import audit
from akrim.errors import UserError
from akrim.periods import Period
from akrim.texts.errors import SaidError
from akrim.warehouse import connect, read_rows


@dataclass(frozen=True)
class Pins:
    """The inputs that a release is fixed to.

    `deliveries` holds each agency's delivery ids in the order in which they are applied; `inputs` all that the
    fingerprint covers; `base_release_id` the release whose persons linkage starts from; `serial` a number that only rises,
    assigned on publication. The release is compared with `previous_release_id`, the period's previous revision or else
    the last release of an earlier period; a revision also with that last release, `last_period_release_id`.
    `is_explained` tells whether these comparisons are recorded, and no home was hidden since in a release that is not out.
    `audit_head` is the position and hash of the audit log's newest event when the serial was assigned; the signatures state
    it, and neither files nor fingerprint do.
    """

    release_id: str
    period: Period
    is_new: bool
    base_release_id: str | None
    inputs: dict[str, Any]
    fingerprint: str
    serial: int | None = None
    audit_head: dict[str, Any] | None = None
    previous_release_id: str | None = None
    last_period_release_id: str | None = None
    is_explained: bool = False

    @property
    def as_of(self) -> date:
        return self.period.as_of

    @property
    def variables(self) -> dict[str, str]:
        """The run that makes it, as the tasks hand it on."""
        return {
            "release_id": self.release_id,
            "period": str(self.period),
            "as_of": self.as_of.isoformat(),
            "fingerprint": self.fingerprint,
        }

    @property
    def deliveries(self) -> dict[str, list[str]]:
        pinned = self.inputs["deliveries"]
        return {
            agency: [delivery["delivery_id"] for delivery in deliveries]
            for agency, deliveries in pinned.items()
        }

    @property
    def delivery_ids(self) -> list[str]:
        """All agencies' deliveries."""
        return [delivery_id for ids in self.deliveries.values() for delivery_id in ids]

    @property
    def model(self) -> str:
        """The linkage model's name and digest."""
        return str(self.inputs["model"])


def load(release_id: str) -> Pins:
    """The pins of a release; raises UserError where there is none of that id."""
    with connect() as connection:
        rows = read_rows(connection, PINS, [release_id])
    if not rows:
        raise SaidError("no_such_release", "meta.releases", release=release_id)
    return Pins(**rows[0] | {"period": Period.parse(rows[0]["period"])}, is_new=False)


def last_published(connection: psycopg.Connection) -> tuple[str | None, str | None]:
    """The id and fingerprint of the release that came out last, whatever its period, and even if it was withdrawn since.

    By the order in which they were pinned, since the machine's clock may have been set back.
    """
    return connection.execute(
        "select release_id, fingerprint from meta.releases where published_at is not null"
        " order by sequence desc limit 1"
    ).fetchone() or (None, None)


def none_in_force(connection: psycopg.Connection, where: str) -> UserError:
    """What to raise where a release in force is asked for and there is none: each that came out was taken back, or none has come out yet."""
    row = connection.execute(
        "select release_id, period, status from meta.releases where status in ('recalled', 'erased')"
        " order by as_of desc, revision desc limit 1"
    ).fetchone()
    if row is None:
        return UserError("No release is out yet.", where, "Run: akrim run --inbox INBOX --period PERIOD")
    release_id, period, status = row
    return UserError(
        f"No release is in force: {release_id} was {status}.",
        where,
        f"`akrim releases show {release_id}` says what became of it; `akrim run --period {period}` makes the next.",
    )


def assign_serial(release_id: str) -> None:
    """Give a release the next serial before it is published; one that was published before keeps its own.

    The first time, the audit log's newest event is remembered for its manifests, which state it however often they are made.
    """
    with connect() as connection:
        if connection.execute(WITHOUT_SERIAL, [release_id]).fetchone():
            audit.anchor(connection, release_id)
        connection.execute(
            """update meta.releases set serial = (
                select coalesce(max(other.serial), 0) + 1 from meta.releases as other
                where other.published_at is not null
            ) where release_id = %s and published_at is null""",
            [release_id],
        )


def record_request(release_id: str, by_name: str) -> None:
    """Record who asked for the run that makes the release, for the inputs that it has now."""
    with connect() as connection:
        connection.execute(
            "insert into meta.release_requests (release_id, fingerprint, by_name)"
            " select release_id, fingerprint, %s from meta.releases where release_id = %s on conflict do nothing",
            [by_name, release_id],
        )


def set_status(
    connection: psycopg.Connection, release_id: str, status: Literal["recalled", "erased"]
) -> None:
    """Set the release's status."""
    connection.execute("update meta.releases set status = %s where release_id = %s", [status, release_id])


def record_failure(release_id: str, stage: str, reason: str, fingerprint: str | None = None) -> None:
    """Mark the release failed, unless it is out, and record why, with what was refused or quarantined of its period's deliveries.

    Args:
        fingerprint: of the inputs that failed, where the release may have been pinned anew since: then it is another run's.
    """
    about = {"release": release_id, "stage": stage, "reason": reason, "fingerprint": fingerprint}
    with connect() as connection:
        connection.execute(
            """update meta.releases set status = 'failed', failure = %(stage)s || ': ' || %(reason)s
            where release_id = %(release)s and status in ('building', 'failed') and fingerprint = coalesce(%(fingerprint)s, fingerprint)""",
            about,
        )
        connection.execute(
            """insert into meta.release_failures (release_id, stage, reason, issues)
            select release_id, %(stage)s, %(reason)s, jsonb_build_object(
                'refused', (select coalesce(jsonb_object_agg(d.delivery_id, d.reason), '{}') from meta.deliveries as d
                    where d.period = r.period and d.status = 'refused'),
                'set_aside', (select coalesce(jsonb_object_agg(f.delivery_id || ' ' || f.extract, f.rows_quarantined), '{}')
                    from meta.delivery_files as f join meta.deliveries as d using (delivery_id, manifest_sha256)
                    where d.period = r.period and d.status = 'accepted' and f.rows_quarantined > 0)
            ) from meta.releases as r where release_id = %(release)s and fingerprint = coalesce(%(fingerprint)s, fingerprint)""",
            about,
        )


def mark_waiting(connection: psycopg.Connection, release_id: str) -> None:
    """Let a release that failed and was brought to its end since be one that waits: by its status it can be let go."""
    connection.execute(
        "update meta.releases set status = 'building', failure = null where release_id = %s and status = 'failed'",
        [release_id],
    )


def mark_published(connection: psycopg.Connection, release_id: str) -> bool:
    """Set the release's status and supersede the period's earlier revision; returns whether it was never published before."""
    connection.execute(
        """update meta.releases as older set status = 'superseded' from meta.releases as newer
        where newer.release_id = %s and older.period = newer.period and older.revision < newer.revision
        and older.status = 'published'""",
        [release_id],
    )
    marked = connection.execute(
        """update meta.releases set status = 'published', failure = null, published_at = coalesce(published_at, now())
        where release_id = %s and status in ('building', 'failed', 'published') returning published_at = now()""",
        [release_id],
    ).fetchone()
    return marked == (True,)


def overtaken(connection: psycopg.Connection) -> list[str]:
    """The releases that never went out and no longer can as they are: another one has been made and published since."""
    return [row[0] for row in connection.execute(OVERTAKEN).fetchall()]


def is_out(release_id: str) -> bool:
    """Whether the release was ever published, whatever became of it since."""
    return _is(release_id, "published_at is not null")


def is_published(release_id: str) -> bool:
    """Whether the release is out, and neither superseded nor taken back."""
    return _is(release_id, "status = 'published'")


def is_erased(release_id: str) -> bool:
    """Whether nothing of the release is left."""
    return _is(release_id, "status = 'erased'")


def _is(release_id: str, condition: LiteralString) -> bool:
    with connect() as connection:
        row = connection.execute(
            sql.SQL("select from meta.releases where release_id = %s and {}").format(sql.SQL(condition)),
            [release_id],
        ).fetchone()
    return row is not None


PINS = """
select release_id, period, base_release_id, previous_release_id, last_period_release_id, pins as inputs, fingerprint, is_explained,
    serial, audit.anchor_of(release_id) as audit_head
from meta.releases where release_id = %s
"""
WITHOUT_SERIAL = "select 1 from meta.releases where release_id = %s and serial is null"
OVERTAKEN = """
select release_id from meta.releases
where published_at is null and sequence < (select max(sequence) from meta.releases where published_at is not null) order by sequence
"""
