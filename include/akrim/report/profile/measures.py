"""Measures that the rules suggest: separate from the assessment, and only where the setting asks for them.

The mapping from rules to measures is fixed and published (measures.yml). The management team decides.
"""

from functools import lru_cache
from importlib.resources import files

import yaml

from akrim.report.profile.facts import Facts
from akrim.report.wording import Words


def suggested_measures(person_id: str, facts: Facts, words: Words) -> list[dict[str, str]]:
    """One line per suggested measure, in the order of the file, with the rules that suggest it."""
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
