"""What speaks for a person, and what could not be checked; shown as prominently as what the rules found."""

from collections.abc import Mapping, Sequence
from datetime import date

from akrim.contracts import DISMISSED
from akrim.report.blocks import Block, Content, Heading, Listing, More, Weighed
from akrim.report.profile.facts import Facts, Row, grouped, newest_first
from akrim.report.profile.findings.evidence import enterprise_reference
from akrim.report.profile.findings.sentences import unchecked
from akrim.report.wording import Words, clean

MAX_CASES_NAMED = 4


def fairness_part(person_id: str, facts: Facts, words: Words) -> Sequence[Block]:
    """Both lists, with what is said where there is nothing."""
    lists = (
        ("in_favour", in_favour(person_id, facts, words)),
        ("unchecked", _unchecked(person_id, facts, words)),
    )
    return (
        Weighed([(Heading(words(key), 2), Listing(items, words(f"{key}_none"))) for key, items in lists]),
    )


def in_favour(person_id: str, facts: Facts, words: Words) -> list[Content]:
    """Closed cases, reversed reactions, enterprises duly wound up, dismissals, and what was checked without a finding."""
    return [
        *_closed_cases(person_id, facts, words),
        *_reversed_reactions(person_id, facts, words),
        *_wound_up(person_id, facts, words),
        *_dismissals(person_id, facts, words),
        *_without_finding(person_id, facts, words),
    ]


def duly_wound_up(roles: list[Row], enterprises: Mapping[str, Row], as_of: date) -> list[Row]:
    """Enterprises led by one person and deleted with neither bankruptcy nor compulsory dissolution, the newest first."""
    led = {role["orgnr"] for role in roles if role["is_leading"]} & enterprises.keys()
    found = [
        enterprises[orgnr]
        for orgnr in led
        if enterprises[orgnr]["deleted_date"]
        and enterprises[orgnr]["deleted_date"] <= as_of
        and not enterprises[orgnr]["is_bankrupt"]
        and not enterprises[orgnr]["bankruptcy_date"]
        and not enterprises[orgnr]["is_compulsory_dissolution"]
    ]
    return sorted(found, key=lambda row: (row["deleted_date"], row["orgnr"]), reverse=True)


def _unchecked(person_id: str, facts: Facts, words: Words) -> list[str]:
    """What the person disputes, and the rules that could not be checked or are not told, each with the reason."""
    return disputed_facts(person_id, facts, words) + [
        f"{words.rule_name(row['indicator_code'])}: {unchecked(row, facts, words)}"
        for row in sorted(facts.unchecked(person_id), key=lambda row: row["indicator_code"])
    ]


def disputed_facts(person_id: str, facts: Facts, words: Words) -> list[str]:
    """What the person disputes in an open case: it counts neither for nor against."""
    sentences = [
        words(
            "disputed_fact",
            agency=words.agency(dispute["agency"]),
            extract=words.extract(dispute["agency"], dispute["extract"]),
            case=clean(dispute["case_id"]),
            date=words.iso_day(dispute["since"]),
        )
        for dispute in facts.disputes.get(person_id, [])
        if dispute["is_open"]
    ]
    return list(dict.fromkeys(sentences))


def _closed_cases(person_id: str, facts: Facts, words: Words) -> list[str]:
    """One line per outcome without guilt, with case numbers."""
    closed = filter(facts.is_closed_without_guilt, facts.cases[person_id])
    by_outcome = grouped(sorted(closed, key=lambda row: row["case_number"]), "outcome_code")
    return [
        words(
            "favour_cases",
            outcome=words.label("outcome", outcome),
            number=words.counted("case", len(rows)),
            named=", ".join(clean(row["case_number"]) for row in rows[:MAX_CASES_NAMED]),
            more=words("evidence_more", number=len(rows) - MAX_CASES_NAMED)
            if len(rows) > MAX_CASES_NAMED
            else "",
        )
        for outcome, rows in sorted(by_outcome.items())
    ]


def _reversed_reactions(person_id: str, facts: Facts, words: Words) -> list[str]:
    return [
        words(
            "favour_reversed",
            number=words.counted("reaction", row["reversed_count"]),
            enterprise=enterprise_reference(row["orgnr"], facts),
            date=words.day(row["inspection_date"]),
        )
        for row in facts.inspections_of(person_id)
        if row["reversed_count"]
    ]


def _wound_up(person_id: str, facts: Facts, words: Words) -> list[str]:
    return [
        words(
            "favour_wound_up",
            enterprise=enterprise_reference(row["orgnr"], facts),
            date=words.day(row["deleted_date"]),
        )
        for row in duly_wound_up(facts.roles[person_id], facts.enterprises_of(person_id), facts.as_of)
    ]


def _dismissals(person_id: str, facts: Facts, words: Words) -> list[str]:
    """Of one that is no longer the newest decision, when something else was decided."""
    decisions = newest_first(facts.decisions[person_id])
    return [
        words("favour_dismissed", date=words.day(row["decided_date"]))
        if row is decisions[0]
        else words(
            "favour_dismissed_then",
            date=words.day(row["decided_date"]),
            later=words.day(decisions[0]["decided_date"]),
        )
        for row in decisions
        if row["status"] == DISMISSED
    ]


def _without_finding(person_id: str, facts: Facts, words: Words) -> list[Content]:
    clear = [row for row in facts.observations[person_id] if row["checked"] == "clear"]
    if not clear:
        return []
    names = sorted(words.rule_name(row["indicator_code"]) for row in clear)
    return [(More(words("favour_clear", number=words.counted("rule", len(clear))), names),)]
