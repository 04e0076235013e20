"""By which facts a person's rules give other points than in the release before."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from akrim.changes import Change
from akrim.report.profile.facts import Row, enterprise_of
from akrim.report.profile.reach import Reach
from akrim.report.wording import Words, clean
from akrim.rules import Rule
from akrim.sharing import Tables

# So many rules are told of each person, and so many of a rule's new facts; changes.json and the data files have all.
MAX_RULES = 3
MAX_FACTS = 2
# What lasts is delivered each time as of the cut-off date: another day makes it no other fact.
LASTING = {"arbeidsforhold", "restanser"}
UNCHECKED = "unavailable"
# No row of capacity: the intention is too little for it to be looked at.
UNCOUNTED = "uncounted"


class _Found(NamedTuple):
    """What a rule gave where it fired, and what it rested on; `checked` as in the mart, empty where the centre is told nothing of it."""

    points: int = 0
    evidence: Sequence[Row] = ()
    checked: str = ""


class RuleFacts(NamedTuple):
    """The rules that give other points, in words; the first of them that gives more, and less; and whether anything is new, any gives less, or any
    gives more that could not be checked before."""

    told: list[str]
    more: str
    less: str
    is_new: bool
    is_less: bool
    is_again: bool = False


def rule_facts(
    before: Tables, now: Tables, changes: Mapping[str, Sequence[Change]], words: Words, rules: Sequence[Rule]
) -> dict[str, RuleFacts]:
    """By person, the rules that give other points than before, the greatest difference first, each with the newest of its new facts.

    Such as `Convicted +15: criminal case 14.05.2026`; of one that gives less, which facts no longer count, that it is no longer met or
    counted, or that it could not be checked; of one that could not be checked before, that it could again. A role is no such fact: it only
    says why the others concern the person.

    Args:
        changes: each person's, whose causes say what the rules gave whoever was not on the list before.
        rules: the published rules.
    """
    earlier, later = (_found(tables, list(changes)) for tables in (before, now))
    of_nobody_before, of_nobody = (_of_nobody(tables, rules) for tables in (before, now))
    for person_id, own in changes.items():
        if person_id in later or any(change["after"] for change in own):
            later[person_id] = defaultdict(_Found, of_nobody | later.get(person_id, {}))
    names = _enterprise_names(now, later)
    return {
        person_id: _difference(
            defaultdict(
                _Found, earlier.get(person_id) or _as_caused(given, changes[person_id], of_nobody_before)
            ),
            given,
            names,
            words,
        )
        for person_id, given in later.items()
    }


def _difference(
    old: Mapping[str, _Found], now: Mapping[str, _Found], names: Mapping[str, str], words: Words
) -> RuleFacts:
    """What the rules give one person now that they did not give before, or no longer give."""
    differences = {code: now[code].points - old[code].points for code in {*now, *old}}
    largest = sorted(differences, key=lambda code: (-abs(differences[code]), code))
    by_rule = {
        code: _told(code, old[code], now[code], names, words)
        for code in largest[:MAX_RULES]
        if differences[code]
    }
    told = list(by_rule.values())
    more, less = (
        next((text for code, text in by_rule.items() if (differences[code] > 0) == is_more), "")
        for is_more in (True, False)
    )
    if rest := sum(differences[code] for code in largest[MAX_RULES:]):
        told.append(words("other_rules", points=words.signed(rest)))
    is_new = any(differences[code] > 0 or _new(old[code], now[code]) for code in differences)
    is_less = any(n < 0 for n in differences.values())
    is_again = any(differences[code] > 0 and old[code].checked == UNCHECKED for code in differences)
    return RuleFacts(told, more, less, is_new, is_less, is_again)


def causes_of(changes: Sequence[Change]) -> list[Row]:
    """A person's causes, each once: several changes of one person have the same."""
    return list({cause["cause"]: cause for change in changes for cause in change["causes"]}.values())


def _as_caused(
    given: Mapping[str, _Found], changes: Sequence[Change], of_nobody: Mapping[str, _Found]
) -> dict[str, _Found]:
    """What the rules gave before, by what the causes say has moved; nothing where they say nothing of rules.

    Args:
        of_nobody: what a rule gave before whomever it gave no points.
    """
    moved: Counter[str] = Counter()
    for cause in causes_of(changes):
        for rule in cause.get("rules", ()):
            moved[rule["indicator_code"]] += rule["points"]
    points = {code: given[code].points - moved[code] for code in {*given, *moved} if moved}
    return {
        code: _Found(number) if number else of_nobody.get(code, _Found()) for code, number in points.items()
    }


def _of_nobody(tables: Tables, rules: Sequence[Rule]) -> dict[str, _Found]:
    """What is known of each rule that has no row of somebody: it could be checked for nobody, found nothing, or does not count.

    Nothing of rules that are withheld from the centre.
    """
    if "extract_ages" not in tables:
        return {}
    reach = Reach(tables)
    rowless = {"intention": "clear", "capacity": UNCOUNTED}
    return {
        rule.code: _Found(checked=UNCHECKED if reach.is_beyond(rule) else rowless[rule.dimension])
        for rule in rules
        if rule.code not in reach.untold
    }


def _found(tables: Tables, person_ids: list[str]) -> dict[str, dict[str, _Found]]:
    found: dict[str, dict[str, _Found]] = defaultdict(lambda: defaultdict(_Found))
    if (table := tables.get("indicator_observations")) is None:
        return found
    own = pc.is_in(table["person_id"], pa.array(person_ids, pa.string()))
    columns = ["person_id", "indicator_code", "checked", "points", "evidence"]
    for row in table.filter(own).select(columns).to_pylist():
        evidence = json.loads(row["evidence"] or "[]") if row["checked"] == "fired" else []
        points = row["points"] or 0 if row["checked"] == "fired" else 0
        found[row["person_id"]][row["indicator_code"]] = _Found(points, evidence, row["checked"])
    return found


def _new(old: _Found, now: _Found) -> list[Row]:
    """The dated rows of the later that the earlier did not rest on, the newest first."""
    known = {_key(item) for item in old.evidence}
    new = [
        item
        for item in now.evidence
        if item.get("date") and item["extract"] != "roller" and _key(item) not in known
    ]
    return sorted(new, key=lambda item: item["date"], reverse=True)


def _key(item: Row) -> tuple[str | None, ...]:
    return _row_of(item) if item["extract"] in LASTING else (*_row_of(item), item.get("date"))


def _row_of(item: Row) -> tuple[str | None, ...]:
    return tuple(item.get(name) for name in ("agency", "extract", "source_row_id", "orgnr"))


def _told(code: str, old: _Found, now: _Found, names: Mapping[str, str], words: Words) -> str:
    """The rule with its difference and the newest facts that are new; of one that gives less, why."""
    rule = f"{words.rule_name(code)} {words.signed(now.points - old.points)}"
    if now.points < old.points:
        why = _why_less(old, now, names, words)
    elif old.checked == UNCHECKED:
        # What it rests on may have been known for long: which of it is new is not told.
        why = words("rule_checked_again")
    else:
        why = _facts(_new(old, now), names, words)
    return f"{rule}: {why}" if why else rule


def _why_less(old: _Found, now: _Found, names: Mapping[str, str], words: Words) -> str:
    if now.checked == UNCOUNTED:
        return words("rule_uncounted")
    if now.checked not in ("fired", "clear"):
        return words("rule_unchecked")
    # What is delivered anew with another day has not ceased; of rows that come without their ids, which is which is not told.
    standing = {_row_of(item) for item in now.evidence if item.get("source_row_id")}
    facts = _facts([item for item in _new(now, old) if _row_of(item) not in standing], names, words)
    if now.checked == "fired":
        return words("facts_ceased", facts=facts) if facts else ""
    # A rule that asks for two of a kind ceases with one of them: which one is not told apart.
    return words("rule_ceased", facts=facts) if facts else words("rule_ceased_alone")


def _facts(rows: list[Row], names: Mapping[str, str], words: Words) -> str:
    facts = dict.fromkeys(f"{_what(item, names, words)} {words.iso_day(item['date'])}" for item in rows)
    return ", ".join(list(facts)[:MAX_FACTS])


def _what(item: Row, names: Mapping[str, str], words: Words) -> str:
    """The kind of row; of the register of enterprises, the enterprise itself."""
    if item["extract"] == "enheter" and (name := names.get(enterprise_of(item) or "")):
        return name
    return words.extract(item["agency"], item["extract"])


def _enterprise_names(now: Tables, found: Mapping[str, Mapping[str, _Found]]) -> dict[str, str]:
    if "enterprises" not in now:
        return {}
    evidence = (item for rules in found.values() for rule in rules.values() for item in rule.evidence)
    orgnrs = {orgnr for item in evidence if (orgnr := enterprise_of(item))}
    table = now["enterprises"]
    chosen = table.filter(pc.is_in(table["orgnr"], pa.array(sorted(orgnrs), pa.string())))
    rows = chosen.select(["orgnr", "enterprise_name"]).to_pylist()
    return {row["orgnr"]: clean(row["enterprise_name"]) for row in rows if row["enterprise_name"]}
