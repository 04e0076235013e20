"""The ranked list: everybody with points enough or a status in force, by proposed status, dismissed persons apart."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from akrim.contracts import statuses
from akrim.report.blocks import Block, Choice, Content, Group, Line, Paragraph, Ranking, Text, columns
from akrim.report.lists.agenda import Entry
from akrim.report.material import LISTED_IN_PDF, PROFILES_IN_HTML, PROFILES_IN_PDF, Material, Section
from akrim.report.profile.decisions import status_badge
from akrim.report.profile.facts import Facts
from akrim.report.profile.findings.brief import in_short
from akrim.report.wording import Words, clean

SHAPES: dict[str, Any] = {
    "rank": "number", "name": ("heading", 1.9), "in_short": ("prose", 5.7), "total": "number", "intention": "number",
    "capacity": "number", "status": ("text", 2.6), "unavailable": "number", "link": "short", "move": "short",
}  # fmt: skip
# What a tick box narrows the list to.
FLAGS = ("undecided", "idle", "moved", "weak", "unchecked", "disputing")


def _list(material: Material) -> Sequence[Block]:
    ranking, words = material.ranking, material.words
    if not ranking:
        return (Paragraph(words("list_empty")),)
    cells = {entry["person_id"]: {name: _cell(name, entry, material) for name in SHAPES} for entry in ranking}
    # A column that says nothing of anybody is left out.
    told = [name for name in SHAPES if any(said[name] not in ("", "0") for said in cells.values())]
    lines = {
        entry["person_id"]: _line(entry, {name: cells[entry["person_id"]][name] for name in told}, material)
        for entry in ranking
    }
    return (
        Paragraph(_note(material)),
        Ranking(
            columns(words, **{name: SHAPES[name] for name in told}),
            list(_groups(material, lines)),
            list(_choices(ranking, lines.values(), words)),
            [
                (flag, words(f"filter_{flag}"))
                for flag in FLAGS
                if any(flag in line.flags for line in lines.values())
            ],
            LISTED_IN_PDF,
        ),
    )


SECTION = Section("list", 30, _list, papers=("assessment", "profiles"))


def _groups(material: Material, lines: dict[str, Line]) -> Iterator[Group]:
    """Those standing by the status that the rules propose, which the list is ranked by, then those dismissed."""
    words = material.words
    for _, found in groupby(material.standing, key=lambda entry: entry["proposed_code"]):
        entries = list(found)
        proposed = entries[0]["proposed"]
        title = words("list_proposed", status=proposed.lower()) if proposed else words("list_unproposed")
        yield Group(
            f"{title} ({words.number(len(entries))})", [lines[entry["person_id"]] for entry in entries]
        )
    if dismissed := [entry for entry in material.ranking if entry["is_dismissed"]]:
        yield Group(
            f"{words('dismissed')} ({words.number(len(dismissed))})",
            [lines[entry["person_id"]] for entry in dismissed],
            note=words("dismissed_note"),
            is_aside=True,
        )


def _choices(ranking: Sequence[Entry], lines: Iterable[Line], words: Words) -> Iterator[Choice]:
    """The choices that tell anybody on the list from another."""
    labels = {entry["status_code"]: entry["status"] or entry["proposed"] for entry in ranking}
    found = {
        name: {value for line in lines for value in line.filters[name]}
        for name in ("municipality", "industry")
    }
    if len(labels) > 1:
        yield Choice(
            "status", words("filter_status"), [(code, labels[code]) for code in statuses() if code in labels]
        )
    for name, values in found.items():
        if len(values) > 1:
            yield Choice(name, words(f"filter_{name}"), [(value, value) for value in sorted(values)])


def _cell(name: str, entry: Entry, material: Material) -> Content:
    """What a column says of a person."""
    words = material.words
    match name:
        case "name":
            return material.name(entry["person_id"]), Text(entry["born"], "below")
        case "in_short":
            return in_short(entry["person_id"], material.facts, words)
        case "total":
            return Text(entry["total"], "strong"), Text(entry["range"], "below")
        case "status":
            return *status_badge(entry, words), Text(entry["disputing"], "below")
        case "link":
            return Text(entry["link"], "alert" if entry["is_weakly_linked"] else "")
    shown: str = entry[name]
    return shown


def _line(entry: Entry, cells: dict[str, Content], material: Material) -> Line:
    person_id, facts = entry["person_id"], material.facts
    enterprises = facts.enterprises_of(person_id)
    holds = {
        "undecided": not entry["status"],
        "idle": any(row["nobody_works_on"] for row in facts.coordination.get(person_id, [])),
        "moved": bool(entry["moves"]),
        "weak": entry["is_weakly_linked"],
        "unchecked": entry["unavailable"] != "0",
        "disputing": bool(entry["disputing"]),
    }
    lives_in = clean(facts.persons[person_id]["municipality_name"])
    industries = (clean(row["industry_name"]) for row in facts.led_now(person_id))
    return Line(
        list(cells.values()),
        anchor=f"r-{entry['place']}",
        order=[entry["order"].get(name, "") for name in cells],
        flags=[flag for flag in FLAGS if holds[flag]],
        filters={
            "status": [entry["status_code"]],
            "municipality": [lives_in] if lives_in else [],
            "industry": sorted({industry for industry in industries if industry}),
        },
        search=" ".join(
            [
                person_id,
                *(f"{clean(row['enterprise_name'])} {orgnr}" for orgnr, row in sorted(enterprises.items())),
                *_controlled(person_id, facts),
            ]
        ),
    )


def _controlled(person_id: str, facts: Facts) -> Iterator[str]:
    """What the person probably controls through another, and through whom, as the profile tells it."""
    for tie in facts.fronts_of(person_id):
        if tie["person_id"] == person_id:
            yield f"{clean(facts.enterprise_name(tie['orgnr']))} {tie['orgnr']} {facts.names.get(tie['front_person_id'], '')}"


def _note(material: Material) -> str:
    ranking, words = material.ranking, material.words
    notes = [words("ranking_note")]
    if material.edition.since_last_period:
        notes.append(words("ranking_note_last", previous=material.compared[0]))
    listed = len(ranking)
    if any(entry["range"] for entry in ranking):
        notes.append(words("ranking_note_range"))
    if listed > PROFILES_IN_PDF:
        shown = {"page": min(listed, PROFILES_IN_HTML), "pdf": PROFILES_IN_PDF}
        notes.append(words("ranking_note_profiles", listed=words.number(listed), **shown))
    return " ".join(notes)
