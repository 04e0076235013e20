"""Writes the catalogue of rules as docs/rules.md, in Norwegian and English, and the seed of labels for the marts.

A further language has a page of its own, such as docs/rules-nn.md.

`make rules` (`python -m akrim.rules.catalogue_page`) runs it after registering new rule versions.
"""

import argparse
import csv
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from akrim.errors import UserError
from akrim.rules import catalogue, row_versions
from akrim.rules import versions as rule_register
from akrim.rules.catalogue import Rule
from akrim.rules.foundations import read_parts
from akrim.rules.measured import Measured, read_measured
from akrim.settings import get_settings
from akrim.texts import LANGUAGES, LANGUAGES_OF_MARTS, Language, labels, texts

# The languages of each page, by its name in docs/.
PAGES: Mapping[str, tuple[Language, ...]] = {"rules.md": LANGUAGES_OF_MARTS} | {
    f"rules-{language}.md": (language,) for language in LANGUAGES if language not in LANGUAGES_OF_MARTS
}

# What is said of the rows of a seed with numbers in its places, by code list.
NUMBERED = {
    "definition": "definitions",
    "event_definition": "event_caps",
    "control_tie_definition": "control_ties",
    "tie_definition": "network_rules",
    "measure_definition": "measures",
}


def render_catalogue(languages: tuple[Language, ...] = LANGUAGES_OF_MARTS) -> str:
    """A page of the catalogue; docs/rules.md unless other languages are named."""
    lines = ["<!-- Made by `make rules` from dbt_project; edit the YAML there. -->", ""]
    for language in languages:
        lines += _part(language)
    return "\n".join(lines).rstrip() + "\n"


def _part(language: Language) -> Iterator[str]:
    words = texts(language, "messages")["catalogue"]
    yield from (f"# {words['title']}", "", words["intro"], "", words["measured"], "")
    yield from _objections(language)
    yield from _overview(language)
    measured = read_measured(get_settings().project_root / "benchmarks" / "rules.md")
    for dimension in ("intention", "capacity"):
        yield from (f"## {words[dimension]}", "")
        for rule in catalogue.load_rules():
            if rule.dimension == dimension:
                yield from _section(rule, measured.get(rule.code), language)
    yield from _thresholds(language)
    yield from _entries("events", "event_caps", "event", language, note="events_note")
    yield from _entries("control", "control_ties", "control_tie", language, note="control_note")
    yield from _definitions(language)
    yield from _entries("ties", "network_rules", "tie", language)
    yield from _entries("kinds", "network_kinds", "network_kind", language, note="kind_note")
    yield from _measures(language)


def _objections(language: Language) -> Iterator[str]:
    """What an analyst or a defence lawyer would say against the rules, and what there is to answer."""
    said = texts(language, "messages")["objections"]
    yield from (f"## {said['title']}", "")
    for text in (text for key, text in said.items() if key != "title"):
        yield f"- {text}"
    yield ""


def _overview(language: Language) -> Iterator[str]:
    words = texts(language, "messages")["catalogue"]
    yield from (f"## {words['overview']}", "", words["overview_head"], "| --- | --- | ---: | ---: |")
    for rule in catalogue.load_rules():
        points = f"{rule.points}\u2013{rule.cap}" if rule.grows else f"{rule.points}"
        yield f"| {rule.name(language)} | {words[rule.dimension].lower()} | {points} | {rule.version} |"
    yield ""


def _thresholds(language: Language) -> Iterator[str]:
    words, named = texts(language, "messages")["catalogue"], labels(language)
    yield from (
        f"## {words['thresholds']}",
        "",
        words["threshold_head"],
        "| --- | ---: | ---: | ---: | ---: |",
    )
    for row in catalogue.read_seed("status_thresholds"):
        intention, capacity = row["minimum_intention_points"], row["minimum_capacity_points"]
        areas = row["minimum_areas"]
        yield f"| {named['status', row['proposed_status']]} | {intention} | {capacity} | {areas} | {row['version']} |"
    yield from ("", words["threshold_note"], "")


def _definitions(language: Language) -> Iterator[str]:
    yield from (f"## {texts(language, 'messages')['catalogue']['definitions']}", "")
    for row in catalogue.read_seed("definitions"):
        said = catalogue.said_of("definition", row, language)
        yield f"- {said} (`{row['definition_code']}`, v{row['version']})"
    yield ""


def _entries(title: str, seed: str, code_list: str, language: Language, note: str = "") -> Iterator[str]:
    """A seed's rows, each by its name with what is said of it, under a heading of the texts."""
    words = texts(language, "messages")["catalogue"]
    yield from (f"## {words[title]}", "")
    if note:
        yield from (words[note], "")
    for row in catalogue.read_seed(seed):
        yield _entry(code_list, row, language)
    yield ""


def _measures(language: Language) -> Iterator[str]:
    """The measures of the situation and goal tables."""
    words = texts(language, "messages")["catalogue"]
    for table in ("situation", "goals", "year"):
        yield from (f"## {words[table]}", "")
        for row in catalogue.read_seed("measures"):
            if row["table_name"] == table:
                whole = labels(language).get(("whole_definition", row["whole"]))
                yield _entry("measure", row, language) + (f" {words['of_whole']}: {whole}" if whole else "")
        yield ""


def _entry(code_list: str, row: dict[str, str], language: Language) -> str:
    code = next(iter(row.values()))
    said = catalogue.said_of(f"{code_list}_definition", row, language)
    return f"- **{labels(language)[code_list, code]}.** {said} (`{code}`, v{row['version']})"


def _section(rule: Rule, measured: Measured | None, language: Language) -> Iterator[str]:
    words = texts(language, "messages")["catalogue"]
    yield from (f"### {rule.name(language)}", "", rule.definition(language), "")
    yield f"- {words['points']}: {rule.points_in_words(language)}"
    looked_back = words["years"].format(years=rule.look_back) if rule.look_back else words["no_look_back"]
    yield f"- {words['look_back']}: {looked_back}"
    if rule.cannot_see(language):
        yield f"- {words['cannot_see']}: {rule.cannot_see(language)}"
    yield f"- {words['how_often']}: {_how_often(measured, words)}"
    yield f"- {words['agencies']}: {', '.join(labels(language)['agency', agency] for agency in rule.agencies)}"
    yield f"- {words['source']}: {rule.source}"
    yield f"- {words['legal_basis']}: {words['legal_bases'].format(basis=rule.legal_basis)}"
    yield f"- `{rule.code}`. {words['version'].format(**vars(rule))}"
    yield ""


def _how_often(measured: Measured | None, words: Mapping[str, str]) -> str:
    if measured is None:
        return words["not_measured"]
    if not measured.fired:
        return words["never_fired"]
    thing = words["of_the_thing"].format(**measured._asdict()) if measured.recall is not None else ""
    return words["fired"].format(**measured._asdict()) + thing


def _with_numbers(language: Language) -> dict[tuple[str, str], str]:
    """The labels that have numbers in them, by code list and code."""
    rules = catalogue.load_rules()
    return (
        {("rule_definition", rule.code): rule.definition(language) for rule in rules}
        | {
            ("rule_cannot_see", rule.code): rule.cannot_see(language)
            for rule in rules
            if rule.cannot_see(language)
        }
        | {
            (code_list, next(iter(row.values()))): catalogue.said_of(code_list, row, language)
            for code_list, seed in NUMBERED.items()
            for row in catalogue.read_seed(seed)
        }
    )


def write_labels(file: Path) -> None:
    """The seed of labels: what each code is called, in every language, with the numbers of what is said of it."""
    with file.open("w", encoding="utf-8", newline="") as written:
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow(["code_list", "code", "language", "text"])
        for language in LANGUAGES:
            said = {**labels(language), **_with_numbers(language)}
            writer.writerows((*key, language, text) for key, text in said.items())


def main(arguments: list[str]) -> None:
    """Register new rule versions, then write the pages; refuses a change without a new version or a reason."""
    parser = argparse.ArgumentParser(prog="python -m akrim.rules.catalogue_page", description=main.__doc__)
    verdicts = parser.add_mutually_exclusive_group()
    verdicts.add_argument(
        "--same", metavar="WHY", help="what changed in SQL or seeds leaves the meaning of rules"
    )
    verdicts.add_argument("--changed", metavar="HOW", help="what changed in SQL or seeds changes it")
    parser.add_argument("--of", metavar="PART", nargs="*", default=[], help="of these parts alone")
    given = parser.parse_args(arguments)
    root = get_settings().project_root
    project = root / "dbt_project"
    register, rules, parts = rule_register.read(project), catalogue.load_rules(), read_parts(project)
    verdict: rule_register.Verdict | None = "changed" if given.changed else "same" if given.same else None
    reason = given.changed or given.same or ""
    if given.of:  # kept at once: other parts may need another verdict
        register = rule_register.answer(register, rules, parts, verdict, reason, given.of)
        rule_register.write(register, project)
        verdict = None
    register = rule_register.extend(register, rules, parts, verdict, reason)
    lists = {name: catalogue.read_seed(name) for name in row_versions.LISTS}
    rows = row_versions.extend(row_versions.read(project), lists)
    rule_register.write(register, project)
    row_versions.write(rows, project)
    for name, languages in PAGES.items():
        (root / "docs" / name).write_text(render_catalogue(languages), encoding="utf-8")
    write_labels(project / "seeds" / "labels.csv")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as refused:
        sys.exit(str(refused))
