"""The method section: every rule with version, points and source, the thresholds, and how to contest an assessment.

Printed in each release, so that a number can be understood as of the time when it was made.
"""

import re
from typing import Any

from akrim.report.edition import Edition
from akrim.report.reference import Reference, Row
from akrim.report.sections.accuracy import linkage_accuracy
from akrim.report.wording import LIKELIHOODS, Words
from akrim.rules import Rule

MIN_WORDS = 6


def method_section(edition: Edition, reference: Reference, words: Words) -> dict[str, Any]:
    """The rules, thresholds and versions used, and what a person described can do."""
    return {
        "principles": words("principles").split("\n"),
        "rules": [_rule(rule, words) for rule in reference.rules],
        "owners": ", ".join(dict.fromkeys(rule.owner for rule in reference.rules)),
        "thresholds": [_threshold(row, words) for row in reference.thresholds],
        "definitions": _definitions(reference.definitions, words),
        "linkage": words("linkage_method", model=_short(edition.versions["model"])),
        "accuracy": linkage_accuracy(edition.quality, words),
        "likelihoods": _likelihoods(words),
        "catchment": ", ".join(reference.catchments.get(edition.centre_id, [])),
        "versions": [
            {"label": words(f"version_{key}"), "text": _short(text)} for key, text in edition.versions.items()
        ],
        "contest": words("contest").split("\n"),
        "causes": words("causes_note"),
    }


def _short(version: str) -> str:
    """The version with its hashes shortened; the manifest has them in full."""
    return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{4,}\b", r"\1", version)


def _rule(rule: Rule, words: Words) -> dict[str, str]:
    return {
        "code": rule.code,
        "version": f"v{rule.version}",
        "name": rule.name(words.language),
        "dimension": words(f"dimension_{rule.dimension}"),
        "definition": rule.definition(words.language),
        "points": _points(rule, words),
        "source": rule.source,
        "legal_basis": rule.legal_basis,
        "agencies": ", ".join(words.agency(agency) for agency in rule.agencies),
        "valid_from": words.day(rule.valid_from),
    }


def _points(rule: Rule, words: Words) -> str:
    if rule.cap <= rule.points or not rule.step_points:
        return words("rule_points", points=rule.points)
    key = "rule_step" if rule.step_size > 1 else "rule_step_one"
    step = words(key, points=rule.step_points, size=words.number(rule.step_size))
    return words("rule_points_growing", points=rule.points, step=step, cap=rule.cap)


def _threshold(row: Row, words: Words) -> dict[str, str]:
    return {
        "status": words.label("status", row["proposed_status"]),
        "intention": words.number(row["minimum_intention_points"]),
        "capacity": words.number(row["minimum_capacity_points"]),
        "version": f"v{row['version']}",
    }


def _definitions(rows: list[Row], words: Words) -> list[str]:
    """The definitions; rows too short for a sentence only hold a number for another one."""
    texts = [(row[f"text_{words.language}"], row["version"]) for row in rows]
    return [f"{text} (v{version})" for text, version in texts if len(text.split()) > MIN_WORDS]


def _likelihoods(words: Words) -> list[dict[str, str]]:
    lines = [{"word": words("link_certain"), "meaning": words("link_certain_meaning")}]
    ceiling = 100
    for floor, word in LIKELIHOODS:
        percent = round(100 * floor)
        lines.append(
            {"word": words(f"likelihood_{word}"), "meaning": words("between", low=percent, high=ceiling)}
        )
        ceiling = percent
    return lines
