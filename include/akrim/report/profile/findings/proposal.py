"""Why the rules propose the status that they do: what its line of the table takes, and what the person has."""

from akrim.report.profile.facts import Facts, Row
from akrim.report.wording import Words


def proposal_line(person_id: str, proposed: str | None, facts: Facts, words: Words) -> str:
    """Such as `Trusselaktør krever minst 35 for intensjon, 5 for kapasitet og poeng i 2 områder; har 168, 9 og 4`; empty without a proposal."""
    has = facts.totals(person_id)
    lines = [row for row in facts.thresholds if row["proposed_status"] == proposed and _holds(row, has)]
    if not lines:
        return ""
    line = lines[0]
    return words(
        "proposal",
        status=words.label("status", proposed),
        **{f"minimum_{name}": words.number(line[column]) for name, column in MINIMA.items()},
        **{name: words.number(value) for name, value in has.items()}
        | {"areas": words.counted("areas", has["areas"])},
    )


MINIMA = {
    "intention": "minimum_intention_points",
    "capacity": "minimum_capacity_points",
    "areas": "minimum_areas",
}


def _holds(line: Row, has: dict[str, int]) -> bool:
    return all(has[name] >= line[column] for name, column in MINIMA.items())
