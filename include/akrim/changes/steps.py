"""From one release to another in steps, one cause at a time.

The way begins at the earlier release's lists as they were published and ends at the present ones. The first step is the
agencies' data: everything else is then as it was, old records with their old persons. Each further step takes over one
thing that differs, until nothing is left; what did not differ costs no step.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from akrim.changes.assessing import (
    IMAGINED_PARTITION,
    RESULTS,
    Models,
    assess_again,
    compiled,
    filled,
    is_rule,
    needed,
)
from akrim.changes.inputs import is_new_source
from akrim.changes.lines import Step, lines_of
from akrim.changes.regrouping import Regrouping, imagine_partition, regroupings
from akrim.corrections import suppressed_rows
from akrim.ledger import Pins

# In this order; code is the rest.
ORDER = ("linkage", "link_decision", "rule", "correction", "prioritisation", "code")
STANDING = {relation: relation for relation in RESULTS}


@dataclass(frozen=True)
class Between:
    """Two releases and what lies between them, as far as it can move anybody."""

    before: Pins
    after: Pins
    old: Models
    new: Models
    regrouped: list[Regrouping]

    def differing(self) -> list[str]:
        """The causes besides the agencies' data that need a step of their own, in order."""
        before, after = self.before.inputs, self.after.inputs
        models = filled(self.new, self.after, {}), filled(self.old, self.after, {})
        wanted = needed(models[0]) | needed(models[1])
        changed = {relation for relation in wanted if models[0].get(relation) != models[1].get(relation)}
        is_different = {
            **{group.cause: True for group in self.regrouped},
            "rule": any(is_rule(relation) for relation in changed),
            "code": not all(is_rule(relation) for relation in changed),
            "prioritisation": before["deliveries"].get("sentrene") != after["deliveries"].get("sentrene"),
        }
        if suppressed_rows(before.get("corrections", [])) != suppressed_rows(after.get("corrections", [])):
            is_different["correction"] = True
        return [cause for cause in ORDER if is_different.get(cause)]

    def models(self, done: set[str]) -> Models:
        """The models when these causes have had their effect."""
        earlier = {cause: self.before for cause in ("correction", "prioritisation") if cause not in done}
        old, new = (filled(models, self.after, earlier) for models in (self.old, self.new))
        rules, code = (new if cause in done else old for cause in ("rule", "code"))
        chosen = {name: text for name, text in rules.items() if is_rule(name)}
        return chosen | {name: text for name, text in code.items() if not is_rule(name)}

    def unmoved(self, done: set[str]) -> set[str]:
        """The earlier release's persons who keep their records while only these causes have had their effect."""
        return {p for group in self.regrouped if group.cause not in done for p in group.old_person_ids}

    def moved(self, done: set[str]) -> frozenset[str]:
        return frozenset(p for group in self.regrouped if group.cause in done for p in group.old_person_ids)


def steps(connection: psycopg.Connection, before: Pins, after: Pins, person_ids: list[str]) -> list[Step]:
    """Each step's lines of these persons, the earlier release first and the present one last."""
    first = Step("", lines_of(connection, STANDING, before.release_id, person_ids), frozenset())
    last = lines_of(connection, STANDING, after.release_id, person_ids)
    between = _between(connection, before, after)
    everybody = between.moved(set(ORDER))
    # Where the data are the same the first step has no effect, which tests hold; if it had, it would be the program's.
    opening = "source" if is_new_source(before, after) else "code"
    if not between.old or not between.new:
        # Made by a version that kept no models: nothing can be assessed again.
        return [
            first,
            Step("code" if before.inputs["code"] != after.inputs["code"] else opening, last, everybody),
        ]
    differing = between.differing()
    try:
        return [first, *_steps_between(connection, between, opening, differing, person_ids)]
    except psycopg.ProgrammingError:
        if "code" not in differing:
            raise
        # The old program's SQL no longer fits the tables of the new one: their effects cannot be told apart.
        return [first, Step("code", last, everybody)]


def _steps_between(
    connection: psycopg.Connection,
    between: Between,
    opening: str,
    differing: list[str],
    person_ids: list[str],
) -> Iterator[Step]:
    built = between.models(set(ORDER))
    for place, cause in enumerate([opening, *differing]):
        done = set(differing[:place])
        if place == len(differing):
            lines = lines_of(connection, STANDING, between.after.release_id, person_ids)
        else:
            with connection.transaction(force_rollback=True):
                unmoved = between.unmoved(done)
                # Without the disputes a record that they leave out is there again, and belongs to whom it did.
                is_imagined = bool(unmoved) or "correction" in set(differing) - done
                if is_imagined:
                    imagine_partition(connection, IMAGINED_PARTITION, unmoved)
                names = assess_again(connection, between.models(done), built, is_imagined)
                lines = lines_of(connection, names, between.after.release_id, person_ids)
        regrouped = between.moved(done) if place < len(differing) else between.moved(set(ORDER))
        yield Step(cause, lines, regrouped)


def _between(connection: psycopg.Connection, before: Pins, after: Pins) -> Between:
    return Between(
        before,
        after,
        compiled(connection, before.release_id),
        compiled(connection, after.release_id),
        regroupings(connection, before.release_id, after.release_id),
    )
