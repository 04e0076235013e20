"""The steps from one release to another, one cause at a time.

They start at the earlier release's published lists and end at the present ones. The first step is the agencies' data, with
everything else as before, old records with their old persons. Each further step takes over one input that differs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import psycopg

from akrim.changes.assessing import (
    PARTITION,
    RESULTS,
    Models,
    compiled_models,
    fill_in,
    parts_of_rules,
    quoted,
    required_models,
)
from akrim.changes.inputs import is_new_source
from akrim.changes.lines import CauseStep, read_lines
from akrim.changes.reaching import Replacement, reassess_reached
from akrim.changes.regrouping import Regrouping, create_partition, regroupings
from akrim.contracts import DECISIONS_SENDER
from akrim.corrections import suppressed_rows
from akrim.ledger import Pins

# In this order; code is the rest.
ORDER = ("linkage", "link_decision", "rule", "correction", "prioritisation", "sharing", "code")
# The agencies' data are taken over before all of these.
CAUSES_IN_ORDER = ("source", *ORDER)
PUBLISHED = {relation: relation for relation in RESULTS}


@dataclass(frozen=True)
class ReleasePair:
    """Two releases and the differences that can affect lists."""

    before: Pins
    after: Pins
    old: Models
    new: Models
    regrouped: list[Regrouping]

    @cached_property
    def of_rules(self) -> set[str]:
        """The relations that the step `rule` takes over."""
        return parts_of_rules(self.old, self.new)

    def differing(self) -> list[str]:
        """The causes other than the agencies' data that need a step, in order."""
        before, after = self.before.inputs, self.after.inputs
        models = fill_in(self.new, self.after, {}), fill_in(self.old, self.after, {})
        wanted = required_models(models[0]) | required_models(models[1])
        changed = {relation for relation in wanted if models[0].get(relation) != models[1].get(relation)}
        is_different = {
            **{group.cause: True for group in self.regrouped},
            "rule": bool(changed & self.of_rules),
            "code": bool(changed - self.of_rules),
            "prioritisation": before["deliveries"].get(DECISIONS_SENDER)
            != after["deliveries"].get(DECISIONS_SENDER),
            "sharing": before.get("withheld", {}) != after.get("withheld", {}),
        }
        if suppressed_rows(before.get("corrections", [])) != suppressed_rows(after.get("corrections", [])):
            is_different["correction"] = True
        return [cause for cause in ORDER if is_different.get(cause)]

    def models(self, done: set[str]) -> Models:
        """The models with the effects of these causes."""
        earlier = {
            cause: self.before for cause in ("correction", "prioritisation", "sharing") if cause not in done
        }
        old, new = (fill_in(models, self.after, earlier) for models in (self.old, self.new))
        rules, code = (new if cause in done else old for cause in ("rule", "code"))
        chosen = {name: text for name, text in rules.items() if name in self.of_rules}
        return chosen | {name: text for name, text in code.items() if name not in self.of_rules}

    def unmoved(self, done: set[str]) -> set[str]:
        """The earlier release's persons who keep their records after these causes."""
        return {p for group in self.regrouped if group.cause not in done for p in group.old_person_ids}

    def moved(self, done: set[str]) -> frozenset[str]:
        return frozenset(p for group in self.regrouped if group.cause in done for p in group.old_person_ids)


def steps(
    connection: psycopg.Connection, before: Pins, after: Pins, person_ids: list[str]
) -> list[CauseStep]:
    """Each step's lines of these persons, the earlier release first and the present one last."""
    first = CauseStep("", read_lines(connection, PUBLISHED, before.release_id, person_ids), frozenset())
    last = read_lines(connection, PUBLISHED, after.release_id, person_ids)
    old, new = (compiled_models(connection, pins.release_id) for pins in (before, after))
    regrouped = regroupings(connection, before.release_id, after.release_id)
    between = ReleasePair(before, after, old, new, regrouped)
    everybody = between.moved(set(ORDER))
    # With the same data the first step has no effect, as tests check; an effect would be the program's.
    first_cause = "source" if is_new_source(before, after) else "code"
    if not between.old or not between.new:
        # Made by a version that kept no models: nothing can be reassessed.
        cause = "code" if before.inputs["code"] != after.inputs["code"] else first_cause
        return [first, CauseStep(cause, last, everybody, is_all=True)]
    differing = between.differing()
    try:
        return [first, *_steps_between(connection, between, first_cause, differing, person_ids)]
    except psycopg.ProgrammingError:
        if "code" not in differing:
            raise
        # The old program's SQL does not fit the new tables: the effects cannot be separated.
        return [first, CauseStep("code", last, everybody, is_all=True)]


def _steps_between(
    connection: psycopg.Connection,
    between: ReleasePair,
    first_cause: str,
    differing: list[str],
    person_ids: list[str],
) -> Iterator[CauseStep]:
    standing = between.models(set(ORDER))
    for place, cause in enumerate([first_cause, *differing]):
        # What does not differ is taken from the later release, whose tables stand: nothing is built anew for it.
        done = set(ORDER) - set(differing[place:])
        if place == len(differing):
            lines = read_lines(connection, PUBLISHED, between.after.release_id, person_ids)
        else:
            with connection.transaction(force_rollback=True):
                replaced = _replaced_persons(connection, between, differing, done)
                names = reassess_reached(
                    connection, between.models(done), standing, replaced, between.after.release_id
                )
                lines = read_lines(connection, {**PUBLISHED, **names}, between.after.release_id, person_ids)
        yield CauseStep(cause, lines, between.moved(done))


def _replaced_persons(
    connection: psycopg.Connection, between: ReleasePair, differing: list[str], done: set[str]
) -> dict[str, Replacement]:
    """What stands in for who is who before the causes that are not done; nothing where that is as it is now."""
    unmoved = between.unmoved(done)
    # A record that disputes or the sharing matrix leave out is back with its earlier person without these.
    if not unmoved and not {"correction", "sharing"} & set(differing) - done:
        return {}
    return {PARTITION: Replacement(*map(quoted, create_partition(connection, unmoved)))}
