"""Explains every change of a release by its causes and records them in marts.release_changes.

Runs when the marts are built and the tables between staging and marts are still this release's. A revision is compared
twice, with the previous revision and with the last release of the period before, so that changes since then stay visible.
"""

from collections.abc import Iterator
from typing import Any

import psycopg

from akrim import ledger, warehouse
from akrim.changes.counterfactual import counterfactual_schema
from akrim.changes.effects import Attribution, Effect, main_cause, points, rank_of
from akrim.changes.lines import CauseStep, read_lines, read_lists
from akrim.changes.listing import Change, compare, in_fixed_order, make_change, resolve_successors
from akrim.changes.recording import LAST_PERIOD, PREVIOUS, record
from akrim.changes.regrouping import identities_between
from akrim.changes.steps import PUBLISHED, steps
from akrim.changes.wording import facts, in_words
from akrim.ledger import Pins

UNTOLD = """
    select w.withheld_from, array_agg(distinct w.indicator_code) || array(
        select distinct indicator_code from marts.indicator_observations where release_id = %(release)s and dimension = 'capacity'
    )
    from marts.withheld_rules as w where w.release_id = %(release)s group by w.withheld_from
"""
UNREACHED = "select indicator_code from intermediate.rules_out_of_reach"
WAS_UNREACHED = """
    select indicator_code from marts.indicator_observations where release_id = %s
    group by indicator_code having bool_and(checked = 'unavailable')
"""


def explain(release_id: str) -> dict[str, int]:
    """Compare the release with those before it and record each change with its causes.

    Returns the number of changes by kind of comparison. Idempotent.
    """
    after = ledger.load(release_id)
    compared = {PREVIOUS: after.previous_release_id, LAST_PERIOD: after.last_period_release_id}
    with warehouse.connect() as connection, counterfactual_schema(connection):
        found = {}
        for comparison, previous in compared.items():
            if previous or comparison == PREVIOUS:
                before = ledger.load(previous) if previous else None
                found[comparison] = _changes(connection, before, after)
        record(connection, release_id, compared, found)
        connection.execute("update meta.releases set is_explained = true where release_id = %s", [release_id])
    return {comparison: sum(map(len, centres.values())) for comparison, centres in found.items()}


def _changes(connection: psycopg.Connection, before: Pins | None, after: Pins) -> dict[str, list[Change]]:
    """Each centre's changes with their causes."""
    was = read_lists(connection, before.release_id) if before else {}
    now = read_lists(connection, after.release_id)
    identities = identities_between(connection, before.release_id if before else None, after.release_id)
    persons = sorted(
        {person for lists in (was, now) for centre in lists.values() for person in centre}
        | {row[key] for row in identities for key in ("old_person_id", "person_id")}
    )
    if before:
        path = steps(connection, before, after, persons)
    else:
        path = [
            CauseStep("", {}, frozenset()),
            CauseStep("source", read_lines(connection, PUBLISHED, after.release_id, persons), frozenset()),
        ]
        identities = []
    attribution = Attribution(
        path,
        resolve_successors(identities),
        _untold(connection, after.release_id),
        frozenset(code for (code,) in connection.execute(UNREACHED).fetchall()),
        frozenset(
            code
            for (code,) in connection.execute(
                WAS_UNREACHED, [before.release_id if before else None]
            ).fetchall()
        ),
    )
    return {
        centre_id: list(
            _centre_changes(
                centre_id, was.get(centre_id, {}), now.get(centre_id, {}), identities, attribution
            )
        )
        for centre_id in sorted(was.keys() | now.keys())
    }


def _untold(connection: psycopg.Connection, release_id: str) -> dict[str, frozenset[str]]:
    """By centre the rules that are withheld from it, and with any of them those of capacity, which follows from all of intention."""
    found = connection.execute(UNTOLD, {"release": release_id}).fetchall()
    return {centre_id: frozenset(rules) for centre_id, rules in found}


def _centre_changes(
    centre_id: str,
    was: dict[str, Any],
    now: dict[str, Any],
    identities: list[dict[str, Any]],
    attribution: Attribution,
) -> Iterator[Change]:
    found = compare(was, now, identities)
    found += [
        make_change("corrected", person_id, was.get(person_id), now.get(person_id))
        for person_id in attribution.corrected(centre_id, was.keys() | now.keys())
    ]
    for change in in_fixed_order(found):
        effects = attribution.effects(centre_id, change)
        if "old_person_id" in change:
            cause = attribution.cause_of_regrouping(change["old_person_id"])
        elif change["change"] == "corrected":
            cause = "correction"
        else:
            cause = main_cause(change, effects) or "code"
        yield change | {
            "cause": cause,
            "is_all": attribution.steps[-1].is_all,
            "points_before": points(effects[0].before) if effects else None,
            "points_after": points(effects[-1].after) if effects else None,
            "causes": [_cause_entry(effect, attribution) for effect in effects],
        }


def _cause_entry(effect: Effect, attribution: Attribution) -> dict[str, Any]:
    entry = {
        "cause": effect.cause,
        "points": effect.points,
        "rank_before": rank_of(effect.before),
        "rank_after": rank_of(effect.after),
        **facts(effect, attribution.unreached, attribution.was_unreached),
    }
    return entry | in_words(entry)
