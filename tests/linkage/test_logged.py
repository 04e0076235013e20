"""Each link between two agencies' records is in the audit log as a combination, and so are verdicts and who looked at pairs."""

from collections import defaultdict
from collections.abc import Callable

import pytest
from akrim.cli import app
from akrim.linkage import review, runs
from akrim.linkage.review.decisions import RecordKey
from typer.testing import CliRunner

from tests.audit.events import events
from tests.linkage.conftest import FIRST, SECOND, read
from tests.linkage.population import next_period, population

Groups = dict[str, frozenset[tuple[str, str]]]


def combined() -> Groups:
    """The records of each person who has some of two or more agencies; a group's agencies are seen without the database's help."""
    groups: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for source, key, person in read("select source, source_record_id, person_id from linkage.person_records"):
        groups[str(person)].add((str(source), str(key)))
    return {p: frozenset(records) for p, records in groups.items() if len({s for s, _ in records}) > 1}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_new_or_changed_group_is_logged_and_no_other(
    stage: Callable[..., None], warehouse: str, seed: int
) -> None:
    records = population(seed)
    stage(records, FIRST, None)
    runs.link(FIRST)
    before = combined()
    stage(next_period(records, seed), SECOND, FIRST)
    runs.link(SECOND)
    after = combined()
    first, second = events(warehouse, "combination")
    assert (first["release_id"], second["release_id"]) == (FIRST, SECOND)
    assert first["persons"] == sorted(before)
    changed = {person: group for person, group in after.items() if before.get(person) != group}
    assert second["persons"] == sorted(changed)
    assert 0 < len(changed) < len(after)
    for event, groups in ((first, before), (second, changed)):
        told = event["detail"]["by_agencies"]
        assert sum(counted["links"] for counted in told.values()) == sum(len(g) - 1 for g in groups.values())
        assert set(told) == {", ".join(sorted({s for s, _ in group})) for group in groups.values()}


def test_a_verdict_and_a_look_at_pairs_are_logged_with_the_persons(
    stage: Callable[..., None], warehouse: str
) -> None:
    stage(population(3), FIRST, None)
    runs.link(FIRST)
    ran = CliRunner().invoke(
        app, ["link", "review", "--limit", "1", "--author", "kari", "--purpose", "sampling", "--json"]
    )
    assert ran.exit_code == 0, ran.exception
    pair = review.review_queue(1)[0]
    persons = sorted({pair["person_id_l"], pair["person_id_r"]})
    (looked,) = events(warehouse, "consultation")
    assert (looked["by_name"], looked["purpose"], looked["persons"]) == ("kari", "sampling", persons)
    assert looked["detail"] == {"command": "link review", "pairs": 1}

    one, other = (RecordKey(pair[f"source_{side}"], pair[f"source_record_id_{side}"]) for side in "lr")
    reason = "The same telephone, 22 33 44 55"
    number = review.decide(one, other, "different", reason, "ola")
    assert review.decide(one, other, "different", reason, "ola") == number
    (decided,) = events(warehouse, "alteration")
    assert (decided["by_name"], decided["persons"]) == ("ola", persons)
    assert decided["detail"] == {"link_decision": number, "verdict": "different", "reading": "first"}
