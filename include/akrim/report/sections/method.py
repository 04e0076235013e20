"""The method section: every rule with version, points and source, the thresholds, and how to contest an assessment.

Printed in each release, so that a number can be understood as of the time when it was made.
"""

import re
from collections.abc import Iterator, Sequence

from akrim.changes import CAUSES_IN_ORDER
from akrim.report.blocks import Block, Columns, Facts, Heading, Listing, Paragraph, Table, Text, columns
from akrim.report.material import Material, Section
from akrim.report.reference import Row
from akrim.report.sections.accuracy import linkage_accuracy
from akrim.report.sections.changes import causes_as_one
from akrim.report.wording import Words
from akrim.rules import Rule, said_of
from akrim.texts import texts

MIN_WORDS = 6


def _method(material: Material) -> Sequence[Block]:
    edition, reference, words = material.edition, material.reference, material.words
    versions = [(words(f"version_{key}"), _short(text)) for key, text in edition.versions.items()]
    catchment = ", ".join(reference.catchments.get(edition.centre_id, []))
    return (
        Columns(
            [
                (Heading(words(f"{key}_heading")), Paragraph(words(key)))
                for key in ("what_it_is", "what_it_is_not")
            ]
        ),
        Heading(words("principles_heading")),
        Listing(words("principles").split("\n")),
        Heading(words("contest_heading")),
        Listing(words("contest").split("\n")),
        *_rules(reference.rules, words),
        Columns((_thresholds(reference.thresholds, words), _links(reference.quantity("strict_link"), words))),
        Heading(words("shared_events")),
        Listing([said_of("event_definition", row, words.language) for row in reference.event_caps]),
        Heading(words("control")),
        Paragraph(words("control_probably")),
        Listing(_control(reference.control_ties, words)),
        Heading(words("linkage")),
        Paragraph(words("linkage_method", model=_short(edition.versions["model"]))),
        Heading(words("quality")),
        *linkage_accuracy(edition.quality, words),
        Heading(words("causes_heading")),
        Paragraph(words("causes_note", causes=_causes(words))),
        *(block for earlier in edition.told_as_one for block in causes_as_one(earlier, material)),
        Heading(words("definitions")),
        Listing(_definitions(reference.definitions, words)),
        Heading(words("catchment")),
        Paragraph(catchment),
        Paragraph(words("catchment_note"), "note"),
        Heading(words("versions")),
        Facts(versions),
    )


SECTION = Section("method", 60, _method)


def _causes(words: Words) -> str:
    """The causes in the order in which they are tried."""
    return words.listing([words.cause(cause).lower() for cause in CAUSES_IN_ORDER])


def _short(version: str) -> str:
    """The version with its hashes shortened; the manifest has them in full."""
    return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{4,}\b", r"\1", version)


def _rules(rules: list[Rule], words: Words) -> Iterator[Block]:
    owners = ", ".join(dict.fromkeys(rule.owner for rule in rules))
    header = columns(words, indicator=("heading", 1), definition=("prose", 2.6), total=0.7)
    yield Heading(words("rules"))
    yield Table(header, [_rule(rule, words) for rule in rules], words("rules_none"))
    yield Paragraph(f"{words('owner')}: {owners}." if owners else "", "note")


def _rule(rule: Rule, words: Words) -> Sequence[str | tuple[str | Text, ...]]:
    since = f"{words('valid_from').lower()} {words.day(rule.valid_from)}"
    version = f"{words.label('dimension', rule.dimension)} · {rule.code} v{rule.version}, {since}"
    agencies = ", ".join(words.agency(agency) for agency in rule.agencies)
    return (
        (rule.name(words.language), Text(version, "below")),
        (
            rule.definition(words.language),
            Text(_cannot_see(rule, words), "below"),
            Text(agencies, "below"),
            Text(f"{words('source')}: {rule.source}. {_legal_bases(rule, words)}", "below"),
        ),
        (_points(rule, words), Text(_look_back(rule, words), "below")),
    )


def _legal_bases(rule: Rule, words: Words) -> str:
    """The regulation, and what the sharing matrix rests on."""
    text: str = texts(words.language, "messages")["catalogue"]["legal_bases"]
    return text.format(basis=rule.legal_basis)


def _cannot_see(rule: Rule, words: Words) -> str:
    unseen = rule.cannot_see(words.language)
    return f"{words('rule_cannot_see')}: {unseen}" if unseen else ""


def _look_back(rule: Rule, words: Words) -> str:
    return words("rule_look_back", years=rule.look_back) if rule.look_back else ""


def _points(rule: Rule, words: Words) -> str:
    if not rule.grows:
        return words("rule_points", points=rule.points)
    key = "rule_step" if rule.step_size > 1 else "rule_step_one"
    step = words(key, points=rule.step_points, size=words.number(rule.step_size))
    return words("rule_points_growing", points=rule.points, step=step, cap=rule.cap)


def _thresholds(rows: list[Row], words: Words) -> Sequence[Block]:
    header = columns(
        words,
        status=("heading", 1),
        threshold_intention="number",
        threshold_capacity="number",
        threshold_areas="number",
    )
    lines = [
        (
            (words.label("status", row["proposed_status"]), Text(f"v{row['version']}", "small")),
            words.number(row["minimum_intention_points"]),
            words.number(row["minimum_capacity_points"]),
            words.number(row["minimum_areas"]),
        )
        for row in rows
    ]
    return (
        Heading(words("thresholds")),
        Table(header, lines),
        Paragraph(texts(words.language, "messages")["catalogue"]["threshold_note"], "note"),
    )


def _control(rows: list[Row], words: Words) -> list[str]:
    return [
        f"{words.label('control_tie', row['tie']).capitalize()}: {said_of('control_tie_definition', row, words.language)}"
        for row in rows
    ]


def _links(strict_link: float, words: Words) -> Sequence[Block]:
    """The words for how strong a link is."""
    lines = [
        (words(f"link_{strength}"), words(f"link_{strength}_meaning", weight=words.number(strict_link)))
        for strength in ("certain", "strong", "weak")
    ]
    return Heading(words("link_words")), Table(columns(words, link="heading", meaning=1), lines)


def _definitions(rows: list[Row], words: Words) -> list[str]:
    """The definitions; rows too short for a sentence only hold a number for another one."""
    texts = [(said_of("definition", row, words.language), row["version"]) for row in rows]
    return [f"{text} (v{version})" for text, version in texts if len(text.split()) > MIN_WORDS]
