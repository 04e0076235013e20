"""Measures that the rules suggest: apart from the assessment, and only where the setting asks for them.

The mapping is fixed and printed (measures.yml); nothing weighs or learns. Whether any of it is done is the management
team's decision.
"""

from functools import lru_cache
from importlib.resources import files

import yaml

from akrim.report.profile.facts import Facts
from akrim.report.wording import Words


def measures_of(person_id: str, facts: Facts, words: Words) -> list[dict[str, str]]:
    """One line per suggested measure, in the order of the file, with the rules that lead to it."""
    met = [row["indicator_code"] for row in facts.fired(person_id)]
    return [
        {
            "agency": words.agency(measure["agency"]),
            "text": measure[words.language],
            "because": words.listing([words.rule_name(code) for code in met if code in measure["rules"]]),
        }
        for measure in _measures()
        if set(met) & set(measure["rules"])
    ]


@lru_cache
def _measures() -> list[dict[str, str]]:
    measures: list[dict[str, str]] = yaml.safe_load(
        files("akrim.report.profile").joinpath("measures.yml").read_text("utf-8")
    )
    return measures
