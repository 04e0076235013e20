"""Pins a run's inputs: finds the release already made from the same inputs, or reserves a new release id.

The fingerprint covers deliveries and how their extracts compare with earlier ones, link decisions, correction cases, what the
sharing matrix withholds, linkage model, rules, code, settings, and the persons that linkage starts from. Whether anything
has changed is judged without the last, since publishing a release itself changes them.
"""

import hashlib
import json
from dataclasses import replace
from typing import Any, NamedTuple

import psycopg
from psycopg.types.json import Jsonb

from akrim import corrections, ledger
from akrim.contracts import load_contracts
from akrim.deliveries import prepare_landing
from akrim.deliveries.decisions import answers_since
from akrim.deliveries.removal import require_rows
from akrim.deliveries.state import accepted_deliveries, heard_beside, pinned_extracts, state_sequence
from akrim.errors import UserError
from akrim.ledger import Pins, load
from akrim.linkage.model import model_version
from akrim.linkage.review import hold_verdicts
from akrim.linkage.store import is_linked
from akrim.orchestration.pinning.code import code_digest
from akrim.orchestration.pinning.named import named_exports
from akrim.periods import Period, today
from akrim.rules import rules_digest
from akrim.settings import get_settings
from akrim.sharing import load_matrix
from akrim.warehouse import connect, prepare

# What is told of and makes no difference to an assessment: what centres are answered, and whether the revision before was recalled.
TOLD = ["answers", "is_previous_recalled"]
# What alone never causes a new release: that, and deliveries read for protected addresses only.
NO_CAUSE = ["protections", *TOLD]
# What waits to be let go, or to be begun anew since a home was protected meanwhile, it was broken off, or another came out first.
WAITING = """
select r.release_id from meta.releases as r where r.period = %s and (
    exists (select from meta.releases_awaiting_approval as w where w.release_id = r.release_id)
    or exists (select from meta.overtaken_releases as o where o.release_id = r.release_id)
    or r.status = 'building' and not r.is_explained
    or r.status = 'failed' and r.failure not like 'pin: %%'
)
"""
# For the period's first release the newest one of an earlier period, and for its revisions the same; or else that first release itself.
ANSWERED_SINCE = """
with first as (select min(reserved_at) as moment from meta.releases where period = %(period)s and published_at is not null)
select coalesce(
    (
        select reserved_at from meta.releases where as_of < %(as_of)s and published_at < coalesce(first.moment, 'infinity')
        order by as_of desc, revision desc limit 1
    ),
    first.moment
) from first
"""


def pin(period: Period) -> Pins:
    """Pin the inputs of an assessment of the period.

    Returns the pins of the published release that was made from the same inputs (`is_new` false), or those of a
    release now `building`: the period's next revision, or the one that a killed or failed run left. A release on hold
    that was made from the same inputs is kept as it is, assessed and explained; one of other inputs waits no more where
    these are the published one's again, as after a withdrawal: it could never be let go.

    Raises UserError if no agency has delivered for the period.
    """
    prepare()
    prepare_landing()
    with connect() as connection:
        connection.execute("select pg_advisory_xact_lock(hashtext('akrim.pin'))")
        hold_verdicts(connection)
        inputs = _inputs(connection, period)
        published = connection.execute(
            "select release_id from meta.releases where period = %s and status = 'published'"
            " and pins - %s::text[] = %s::jsonb - %s::text[]",
            [str(period), NO_CAUSE, Jsonb(inputs), NO_CAUSE],
        ).fetchone()
        start = _Start(*ledger.last_published(connection), *_compared_with(connection, period))
        inputs["answers"] = _answers(connection, period)
        inputs["is_previous_recalled"] = _is_recalled(connection, start.previous)
        release_id = (
            published[0]
            if published
            else _on_hold(connection, inputs, start) or _reserve(connection, period, inputs, start)
        )
        waiting = connection.execute(WAITING, [str(period)]).fetchall() if published else []
    for (overtaken,) in waiting:
        ledger.record_failure(overtaken, "pin", f"The inputs of {period} are those of {release_id} again.")
    pins = load(release_id)
    return pins if published else replace(pins, is_new=True)


def _inputs(connection: psycopg.Connection, period: Period) -> dict[str, Any]:
    settings = get_settings()
    exports = named_exports()
    deliveries = _deliveries(connection, period)
    matrix, day = load_matrix(), today()
    return {
        "deliveries": deliveries,
        "extracts": _extracts(connection, deliveries),
        "protections": _protections(connection, period, deliveries),
        "link_decisions": link_decisions_digest(connection),
        "corrections": corrections.cases(connection),
        "withheld": matrix.withheld(day),
        "told_nationally": matrix.told_nationally(day),
        "model": model_version(),
        "rules": rules_digest(),
        "code": code_digest(settings.project_root),
        "settings": {
            "data_mode": settings.data_mode,
            "language": settings.language,
            "exports": exports,
            "recommended_measures": settings.recommended_measures,
        },
    }


def _deliveries(connection: psycopg.Connection, period: Period) -> dict[str, list[dict[str, str]]]:
    """Each agency's deliveries as of the period, in order of application, with their manifests' digests."""
    pinned = {}
    is_delivered = False
    for agency, contract in load_contracts().items():
        accepted = accepted_deliveries(connection, agency)
        is_delivered |= any(d.period == str(period) for d in accepted) and contract.is_expected_each_period
        sequence = state_sequence(accepted, str(period), contract.is_append_only)
        require_rows(connection, sequence)
        digests = {d.delivery_id: d.manifest_sha256 for d in accepted}
        pinned[agency] = [{"delivery_id": one, "manifest_sha256": digests[one]} for one in sequence]
    if not is_delivered:
        raise UserError(
            f"No agency has an accepted delivery for {period}.",
            "meta.deliveries",
            "`akrim deliveries` shows what came and why it was refused.",
        )
    return pinned


def _extracts(
    connection: psycopg.Connection, pinned: dict[str, list[dict[str, str]]]
) -> dict[str, dict[str, dict[str, Any]]]:
    """How each agency's extracts compare with what it had delivered before, and what a person confirmed of them."""
    return {
        agency: pinned_extracts(connection, [delivery["delivery_id"] for delivery in deliveries])
        for agency, deliveries in pinned.items()
    }


def _protections(
    connection: psycopg.Connection, period: Period, pinned: dict[str, list[dict[str, str]]]
) -> dict[str, list[dict[str, Any]]]:
    """Each agency's deliveries outside its state that are still read for protected addresses."""
    listed = {
        agency: heard_beside(
            connection, agency, str(period), [delivery["delivery_id"] for delivery in deliveries]
        )
        for agency, deliveries in pinned.items()
    }
    return {agency: [delivery._asdict() for delivery in found] for agency, found in listed.items() if found}


def _answers(connection: psycopg.Connection, period: Period) -> dict[str, dict[str, Any]]:
    """What centres are answered to the decision forms that came since the last release of an earlier period was pinned.

    A revision says again what the ones before it said, since it takes their place: an earlier period that was assessed anew meanwhile
    moves nothing.
    """
    about = {"period": str(period), "as_of": period.as_of}
    ((since,),) = connection.execute(ANSWERED_SINCE, about).fetchall()
    return answers_since(connection, since, str(period)) if since else {}


def _is_recalled(connection: psycopg.Connection, release_id: str | None) -> bool:
    query = "select from meta.releases where release_id = %s and status = 'recalled'"
    return connection.execute(query, [release_id]).fetchone() is not None


def link_decisions_digest(connection: psycopg.Connection) -> str:
    """A digest of the digests of every link decision, also of removed ones, without times; empty if there is none."""
    ((digest,),) = connection.execute(
        "select coalesce(encode(sha256(string_agg(linkage.verdict_sha256(d), '' order by d.decision_id)::bytea), 'hex'), '')"
        " from linkage.link_decisions as d"
    ).fetchall()
    return str(digest)


class _Start(NamedTuple):
    """The base release of a new release, and the releases that it is compared with."""

    base_release_id: str | None
    base_fingerprint: str | None
    previous: str | None
    last_period: str | None

    def fingerprint(self, inputs: dict[str, Any]) -> str:
        given = [
            {name: inputs[name] for name in inputs if name not in TOLD},
            self.base_fingerprint,
            [self.previous, self.last_period],
        ]
        canonical = json.dumps(given, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


def _on_hold(connection: psycopg.Connection, inputs: dict[str, Any], start: _Start) -> str | None:
    """The release on hold that was assessed on the same inputs; its marts are kept, unless another run has linked persons since."""
    row = connection.execute(
        """select release_id from meta.releases as r where status = 'building' and is_explained and fingerprint = %s
        and exists (select 1 from meta.release_holds as h where h.release_id = r.release_id)""",
        [start.fingerprint(inputs)],
    ).fetchone()
    return str(row[0]) if row and is_linked(connection, row[0]) else None


def _reserve(connection: psycopg.Connection, period: Period, inputs: dict[str, Any], start: _Start) -> str:
    revision = _revision(connection, period)
    release_id, fingerprint = f"{period}.{revision}", start.fingerprint(inputs)
    connection.execute(
        # A limit was exceeded by what the inputs before gave: nobody can let these go by that.
        """delete from meta.release_holds as h using meta.releases as r
        where r.release_id = h.release_id and h.release_id = %s and h.by_name is null and r.fingerprint <> %s""",
        [release_id, fingerprint],
    )
    connection.execute(
        # What was pinned and not published is pinned again as it was: its files may be there already.
        """insert into meta.releases as r (release_id, period, revision, as_of, status, fingerprint, base_release_id,
            previous_release_id, last_period_release_id, pins, last_decision_id)
        values (%s, %s, %s, %s, 'building', %s, %s, %s, %s, %s,
            (select coalesce(max(decision_id), 0) from linkage.link_decisions))
        on conflict (release_id) do update set status = 'building', failure = null, is_explained = false,
            fingerprint = excluded.fingerprint, base_release_id = excluded.base_release_id,
            previous_release_id = excluded.previous_release_id,
            last_period_release_id = excluded.last_period_release_id, last_decision_id = excluded.last_decision_id,
            pins = case when r.fingerprint = excluded.fingerprint then r.pins else excluded.pins end,
            reserved_at = case when r.fingerprint = excluded.fingerprint then r.reserved_at else now() end,
            sequence = default""",
        [
            release_id,
            str(period),
            revision,
            period.as_of,
            fingerprint,
            start.base_release_id,
            start.previous,
            start.last_period,
            Jsonb(inputs),
        ],
    )
    suppress(connection, release_id, inputs["corrections"])
    return release_id


def _revision(connection: psycopg.Connection, period: Period) -> int:
    """One that a killed or failed run left, or else the next."""
    ((revision,),) = connection.execute(
        "select coalesce(min(revision) filter (where status in ('building', 'failed')), max(revision) + 1, 1)"
        " from meta.releases where period = %s",
        [str(period)],
    ).fetchall()
    return int(revision)


def _compared_with(connection: psycopg.Connection, period: Period) -> tuple[str | None, str | None]:
    """The release that a new one is compared with and, for a revision, the last one of an earlier period."""
    published = connection.execute(
        "select release_id, period from meta.releases where published_at is not null and status <> 'erased' and as_of <= %s"
        " and release_id not in (select release_id from meta.release_removals) order by as_of desc, revision desc",
        [period.as_of],
    ).fetchall()
    previous = published[0][0] if published else None
    if not published or published[0][1] != str(period):
        return previous, None
    return previous, next((release_id for release_id, of in published if of != str(period)), None)


def suppress(connection: psycopg.Connection, release_id: str, cases: list[dict[str, Any]]) -> None:
    """Record the delivered rows that the release leaves out because of its pinned correction cases, and for whom."""
    connection.execute("delete from meta.suppressed_rows where release_id = %s", [release_id])
    connection.cursor().executemany(
        "insert into meta.suppressed_rows (release_id, agency, extract, source_row_id, person_source,"
        " person_source_record_id, is_own_row, is_open, case_id, disputed_since)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [[release_id, *row] for row in corrections.suppressed_rows(cases)],
    )
