"""Measures that the rules suggest: separate from the assessment, and only where the setting asks for them.

The mapping from rules to measures is fixed and published (measures.yml). The management team decides.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from akrim.own_yaml import read_own
from akrim.report.blocks import Apart, Block, Heading, Listing, Paragraph, Text
from akrim.report.profile.facts import Facts
from akrim.report.wording import Words


def measures_part(person_id: str, facts: Facts, words: Words) -> Sequence[Block]:
    """One line per suggested measure, in the order of the file, with the rules that suggest it."""
    met = [row["indicator_code"] for row in facts.fired(person_id)]
    # What has closed can neither be visited nor registered otherwise.
    leads = facts.led_now(person_id) or any(
        tie["person_id"] == person_id for tie in facts.fronts_of(person_id)
    )
    lines = [
        (
            Text(f"{words.agency(measure['agency'])}:", "strong"),
            words(f"suggested_{measure['measure']}"),
            Text(f"({words.listing([words.rule_name(c) for c in met if c in measure['rules']])})", "small"),
        )
        for measure in _measures()
        if set(met) & set(measure["rules"]) and (leads or not measure.get("needs_operation"))
    ]
    if not lines:
        return ()
    note = Paragraph(words("possible_measures_note"), "note")
    return (Apart((Heading(words("possible_measures"), 2), note, Listing(lines))),)


@lru_cache
def _measures() -> list[dict[str, Any]]:
    measures: list[dict[str, Any]] = read_own(files("akrim.report.profile").joinpath("measures.yml"))
    return measures
