"""Writes the catalogue of rules as docs/rules.md, in both languages.

`make rules` (`python -m akrim.rules.catalogue_page`) runs it after registering new rule versions.
"""

import argparse
import sys
from collections.abc import Iterator

from akrim.errors import UserError
from akrim.rules import catalogue
from akrim.rules import versions as rule_register
from akrim.rules.catalogue import Language, Rule
from akrim.rules.foundations import read_parts
from akrim.settings import get_settings

LANGUAGES: tuple[Language, ...] = ("nb", "en")

WORDS = {
    "nb": {
        "title": "Regelkatalog",
        "intro": (
            "Hver indikator er en publisert regel. Reglene peker ut hva som bør vurderes; de avgjør ingenting. Status "
            "settes av senterets ledergruppe. Ingen regel bruker statsborgerskap, fødeland, D-nummer, navn, kjønn, "
            "helse eller noe som står i stedet for slikt, og ingen rangering er lært fra data. Saker som er henlagt "
            "eller endte med frifinnelse gir aldri poeng. En regel som trenger en etat som ikke har levert, eller som "
            "har levert for gamle data, er «kunne ikke kontrolleres» og gir ingen poeng."
        ),
        "intention": "Intensjon",
        "capacity": "Kapasitet",
        "cannot_see": "Ser ikke",
        "points": "Poeng",
        "agencies": "Etater",
        "source": "Kilde",
        "legal_basis": "Rettslig grunnlag",
        "version": "Versjon {version}, gjelder fra {valid_from}. Eier: {owner}.",
        "fixed": "{points}",
        "growing_one": "{points}, og {step_points} til for hver ytterligere, høyst {cap}",
        "growing": "{points}, og {step_points} til for hver {step_size} over terskelen, høyst {cap}",
        "thresholds": "Terskler for foreslått status",
        "threshold_head": "| Foreslått status | Intensjon minst | Kapasitet minst | Områder minst | Versjon |",
        "definitions": "Definisjoner",
        "overview_head": "| Regel | Peker på | Poeng | Versjon |",
        "overview": "Reglene i oversikt",
        "ties": "Hva som knytter et nettverk sammen",
        "kinds": "Slag nettverk",
        "kind_note": "Slaget er det første i rekkefølgen som passer.",
        "situation": "Mål i situasjonstabellen",
        "goals": "Mål for brukermålene B1 til B3",
        "year": "Mål i årsrapportens tabell",
    },
    "en": {
        "title": "Rule catalogue",
        "intro": (
            "Each indicator is a published rule. The rules point out what should be considered; they decide nothing. "
            "Status is set by the centre’s management team. No rule uses nationality, country of birth, D-number, "
            "name, sex, health or anything that stands in for these, and no ranking is learnt from data. Cases that "
            "were dropped or ended in acquittal never give points. A rule that needs an agency which has not "
            "delivered, or whose data are too old, is “could not be checked” and gives no points."
        ),
        "intention": "Intention",
        "capacity": "Capacity",
        "cannot_see": "Cannot see",
        "points": "Points",
        "agencies": "Agencies",
        "source": "Source",
        "legal_basis": "Legal basis",
        "version": "Version {version}, in force from {valid_from}. Owner: {owner}.",
        "fixed": "{points}",
        "growing_one": "{points}, and {step_points} more for each further one, at most {cap}",
        "growing": "{points}, and {step_points} more for every {step_size} above the threshold, at most {cap}",
        "thresholds": "Thresholds for the proposed status",
        "threshold_head": "| Proposed status | Intention at least | Capacity at least | Areas at least | Version |",
        "definitions": "Definitions",
        "overview_head": "| Rule | Speaks of | Points | Version |",
        "overview": "The rules at a glance",
        "ties": "What ties a network together",
        "kinds": "Kinds of network",
        "kind_note": "The kind is the first in this order that fits.",
        "situation": "Measures of the situation table",
        "goals": "Measures of the user goals B1 to B3",
        "year": "Measures of the yearly report’s table",
    },
}


def render_catalogue() -> str:
    """docs/rules.md."""
    lines = ["<!-- Made by `make rules` from dbt_project; edit the YAML there. -->", ""]
    for language in LANGUAGES:
        lines += _part(language)
    return "\n".join(lines).rstrip() + "\n"


def _part(language: Language) -> Iterator[str]:
    words = WORDS[language]
    yield from (f"# {words['title']}", "", words["intro"], "")
    yield from _overview(language)
    for dimension in ("intention", "capacity"):
        yield from (f"## {words[dimension]}", "")
        for rule in catalogue.load_rules():
            if rule.dimension == dimension:
                yield from _section(rule, language)
    yield from (
        f"## {words['thresholds']}",
        "",
        words["threshold_head"],
        "| --- | ---: | ---: | ---: | ---: |",
    )
    labels = {row["code"]: row[f"label_{language}"] for row in catalogue.read_seed("code_labels")}
    for row in catalogue.read_seed("status_thresholds"):
        intention, capacity = row["minimum_intention_points"], row["minimum_capacity_points"]
        areas = row["minimum_areas"]
        yield f"| {labels[row['proposed_status']]} | {intention} | {capacity} | {areas} | {row['version']} |"
    yield from ("", f"## {words['definitions']}", "")
    for row in catalogue.read_seed("definitions"):
        yield f"- {row[f'text_{language}']} (`{row['definition_code']}`, v{row['version']})"
    yield ""
    yield from _networks(language)
    yield from _measures(language)


def _overview(language: Language) -> Iterator[str]:
    words = WORDS[language]
    yield from (f"## {words['overview']}", "", words["overview_head"], "| --- | --- | ---: | ---: |")
    for rule in catalogue.load_rules():
        points = (
            f"{rule.points}\u2013{rule.cap}"
            if rule.step_points > 0 and rule.cap > rule.points
            else f"{rule.points}"
        )
        yield f"| {rule.name(language)} | {words[rule.dimension].lower()} | {points} | {rule.version} |"
    yield ""


def _networks(language: Language) -> Iterator[str]:
    """What ties persons and enterprises together, and the kinds of networks."""
    words = WORDS[language]
    for title, table, code in (("ties", "network_rules", "tie"), ("kinds", "network_kinds", "kind")):
        yield from (f"## {words[title]}", "")
        if title == "kinds":
            yield from (words["kind_note"], "")
        for row in catalogue.read_seed(table):
            name, text = row[f"name_{language}"], row[f"definition_{language}"]
            yield f"- **{name}.** {text} (`{row[code]}`, v{row['version']})"
        yield ""


def _measures(language: Language) -> Iterator[str]:
    """The measures of the situation and goal tables."""
    for table in ("situation", "goals", "year"):
        yield from (f"## {WORDS[language][table]}", "")
        for row in catalogue.read_seed("measures"):
            if row["table_name"] == table:
                yield f"- **{row[f'name_{language}']}.** {row[f'text_{language}']} (`{row['measure']}`, v{row['version']})"
        yield ""


def _section(rule: Rule, language: Language) -> Iterator[str]:
    words = WORDS[language]
    names = {row["agency"]: row[f"name_{language}"] for row in catalogue.read_seed("agencies")}
    yield from (f"### {rule.name(language)}", "", rule.definition(language), "")
    grows = rule.step_points > 0 and rule.cap > rule.points
    form = words[("growing_one" if rule.step_size == 1 else "growing") if grows else "fixed"]
    step_size = f"{rule.step_size:,}".replace(",", " " if language == "nb" else ",")
    yield f"- {words['points']}: {form.format(**{**vars(rule), 'step_size': step_size})}"
    if rule.cannot_see(language):
        yield f"- {words['cannot_see']}: {rule.cannot_see(language)}"
    yield f"- {words['agencies']}: {', '.join(names[agency] for agency in rule.agencies)}"
    yield f"- {words['source']}: {rule.source}"
    yield f"- {words['legal_basis']}: {rule.legal_basis}"
    yield f"- `{rule.code}`. {words['version'].format(**vars(rule))}"
    yield ""


def main(arguments: list[str]) -> None:
    """Register new rule versions, then write the page; refuses a change without a new version or a reason."""
    parser = argparse.ArgumentParser(prog="python -m akrim.rules.catalogue_page", description=main.__doc__)
    verdict = parser.add_mutually_exclusive_group()
    verdict.add_argument(
        "--same", metavar="WHY", help="what changed in SQL or seeds leaves the meaning of rules"
    )
    verdict.add_argument("--changed", metavar="HOW", help="what changed in SQL or seeds changes it")
    parser.add_argument("--of", metavar="PART", nargs="*", default=[], help="of these parts alone")
    given = parser.parse_args(arguments)
    root = get_settings().project_root
    project = root / "dbt_project"
    register = rule_register.extend(
        rule_register.read(project),
        catalogue.load_rules(),
        read_parts(project),
        "changed" if given.changed else "same" if given.same else None,
        given.changed or given.same or "",
        given.of,
    )
    rule_register.write(register, project)
    (root / "docs" / "rules.md").write_text(render_catalogue(), encoding="utf-8")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as refused:
        sys.exit(str(refused))
