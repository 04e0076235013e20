"""Which pairs wait for a clerk, and how urgently: by what was found of two records and what was said of them."""

from typing import NamedTuple

import psycopg

THRESHOLD = 2.0
FIRST, SECOND = "first", "second"
Said = tuple[str, str, float | None]
NOT_QUEUED = None


class Case(NamedTuple):
    """The cause and the priority, or none; what was found; by which verdict and its weight; the verdicts (with the weight that each saw)."""

    queued: tuple[str, float] | None
    outcome: str | None
    weight: float | None = 12.0
    known: tuple[str, float | None] = ("", None)
    said: tuple[Said, ...] = ()
    is_closed: bool = False


SAME, DIFFERENT, UNSURE = ("same", FIRST, 12.0), ("different", FIRST, -1.0), ("unsure", FIRST, 2.0)
CHANGED, DISAGREE, PARKED = ("evidence_changed", 0.0), ("readers_disagree", 1.0), ("parked", 1.0)
CASES = {
    "parked": Case(PARKED, "parked_between_numbers"),
    "parked, whatever it weighs": Case(PARKED, "parked_between_verdict", -5.0),
    "parked once": Case(NOT_QUEUED, "parked_between_numbers", is_closed=True),
    "parked, but read": Case(NOT_QUEUED, "parked_between_numbers", 2.0, said=(UNSURE,)),
    "parked, but read before it was linked": Case(NOT_QUEUED, "parked_between_numbers", 2.0, known=("unsure", 2.0)),
    "parked, the first reading removed": Case(PARKED, "parked_between_numbers", said=(("same", SECOND, 12.0),)),
    "of two numbers": Case(("different_numbers", 9.5), "different_numbers", THRESHOLD),
    "of two numbers and little alike": Case(NOT_QUEUED, "different_numbers", 1.9),
    "guarded": Case(("guarded", 9.5), "guarded", THRESHOLD),
    "guarded and much alike": Case(("guarded", 5.0), "guarded", 20.0),
    "guarded and alike as can be": Case(("guarded", 2.0), "guarded", 40.0),
    "guarded and little alike": Case(NOT_QUEUED, "guarded", 1.9),
    "joined above": Case(("joined_narrowly", 5.0), "accepted", 5.0),
    "joined below": Case(("joined_narrowly", 5.0), "accepted", -1.0),
    "joined firmly": Case(NOT_QUEUED, "accepted", 5.1),
    "missed": Case(("missed_narrowly", 3.0), "below_threshold", 1.0),
    "missed by far": Case(NOT_QUEUED, "below_threshold", -1.1),
    "contradicts a verdict": Case(("contradicts_decision", 0.0), "contradicts_decision", said=(SAME,)),
    "contradicts a verdict that is gone": Case(("contradicts_decision", 0.0), "contradicts_decision", known=("same", 12.0)),
    "contradicted a verdict once": Case(NOT_QUEUED, "contradicts_decision", known=("same", 12.0), is_closed=True),
    "same, and still": Case(NOT_QUEUED, "accepted", 7.1, said=(SAME,)),
    "same, and more so": Case(NOT_QUEUED, "accepted", 30.0, said=(SAME,)),
    "same, and five less": Case(CHANGED, "accepted", 7.0, said=(SAME,)),
    "same, and weighed no longer": Case(CHANGED, "accepted", None, said=(SAME,)),
    "same, when it was not weighed": Case(NOT_QUEUED, "accepted", -9.0, said=(("same", FIRST, None),)),
    "same, told and linked": Case(CHANGED, "accepted", 7.0, known=("same", 12.0), said=(SAME,)),
    "same, the verdict gone": Case(CHANGED, "accepted", 7.0, known=("same", 12.0)),
    "same, the first reading gone": Case(CHANGED, "accepted", 7.0, known=("same", 12.0), said=(("same", SECOND, 12.0),)),
    "same, the verdict gone and still": Case(NOT_QUEUED, "accepted", 7.1, known=("same", 12.0)),
    "different, and still": Case(NOT_QUEUED, "decided_different", 3.9, said=(DIFFERENT,)),
    "different, and less so": Case(NOT_QUEUED, "decided_different", -9.0, said=(DIFFERENT,)),
    "different, and five more": Case(CHANGED, "decided_different", 4.0, said=(DIFFERENT,)),
    "different, not weighed, now joining": Case(CHANGED, "decided_different", THRESHOLD, said=(("different", FIRST, None),)),
    "different, not weighed, now not": Case(NOT_QUEUED, "decided_different", 1.9, said=(("different", FIRST, None),)),
    "unsure, and still": Case(NOT_QUEUED, "accepted", 6.9, said=(UNSURE,)),
    "unsure, and five more": Case(CHANGED, "accepted", 7.0, said=(UNSURE,)),
    "unsure, and five less": Case(CHANGED, "below_threshold", -3.0, said=(UNSURE,)),
    "the newest verdict counts": Case(NOT_QUEUED, "decided_different", 7.0, said=(SAME, ("different", FIRST, 12.0))),
    "a second reader disagrees": Case(DISAGREE, "accepted", said=(SAME, ("different", SECOND, 12.0))),
    "a second reader agrees": Case(NOT_QUEUED, "accepted", said=(SAME, ("same", SECOND, 12.0))),
    "a second reader came round": Case(NOT_QUEUED, "accepted", said=(SAME, ("different", SECOND, 12.0), ("same", SECOND, 12.0))),
    "it was settled since": Case(NOT_QUEUED, "accepted", said=(SAME, ("different", SECOND, 12.0), SAME)),
    "a second reader disagrees, and the evidence changed": Case(CHANGED, "accepted", 7.0, said=(SAME, ("different", SECOND, 12.0))),
    "a second reader disagrees on what is found no longer": Case(DISAGREE, None, said=(SAME, ("different", SECOND, 12.0))),
    "a second reader disagrees on what was found once": Case(DISAGREE, "accepted", said=(SAME, ("different", SECOND, 12.0)), is_closed=True),
    "a second reader agrees on what is found no longer": Case(NOT_QUEUED, None, said=(SAME, ("same", SECOND, 12.0))),
    "a second reader came round on what is found no longer": Case(NOT_QUEUED, None, said=(SAME, ("different", SECOND, 12.0), ("same", SECOND, 12.0))),
    "a second reader disagrees with the newest verdict": Case(DISAGREE, None, said=(SAME, DIFFERENT, ("same", SECOND, 12.0))),
    "what is found no longer was settled since": Case(NOT_QUEUED, None, said=(SAME, ("different", SECOND, 12.0), SAME)),
}  # fmt: skip


def put(connection: psycopg.Connection, name: str, case: Case) -> None:
    """The pair's finding and verdicts, its records named like the case."""
    keys = ["brreg", name, "nav", name]
    if case.outcome:
        verdict, verdict_weight = case.known
        connection.execute(
            "insert into linkage.findings (source_l, source_record_id_l, source_r, source_record_id_r, outcome, match_weight,"
            " threshold, verdict, verdict_weight, steps, valid_from_release, valid_to_release)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, '{}', '2025-T3.1', %s)",
            [*keys, case.outcome, case.weight, THRESHOLD, verdict or None, verdict_weight, "2026-T1.1" if case.is_closed else None],
        )  # fmt: skip
    for verdict, reading, weight in case.said:
        connection.execute(
            "insert into linkage.link_decisions (source_l, source_record_id_l, source_r, source_record_id_r, verdict, reason,"
            " author, reading, match_weight) values (%s, %s, %s, %s, %s, 'Looked it up', 'a clerk', %s, %s)",
            [*keys, verdict, reading, weight],
        )


def test_each_pair_waits_once_for_its_cause_or_not_at_all(warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        for name, case in CASES.items():
            put(connection, name, case)
        rows = connection.execute(
            "select source_record_id_l, cause, priority from linkage.review_queue"
        ).fetchall()
    queued = {name: (cause, float(priority)) for name, cause, priority in rows}
    assert queued == {name: case.queued for name, case in CASES.items() if case.queued}
    assert len(rows) == len(queued), "a pair waits twice"
