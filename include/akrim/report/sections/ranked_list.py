"""The ranked list: everybody with points enough or a status in force, dismissed persons apart."""

from collections.abc import Sequence
from typing import Any

from akrim.contracts import statuses
from akrim.report.blocks import Block, Content, Line, Paragraph, Ranking, Text, columns
from akrim.report.ranking import status_badge
from akrim.report.registry import PROFILES_IN_HTML, PROFILES_IN_PDF, Material, Section
from akrim.report.wording import Words


def _list(material: Material) -> Sequence[Block]:
    ranking, words = material.ranking, material.words
    if not ranking:
        return (Paragraph(words("list_empty")),)
    labels = {entry["status_code"]: entry["status"] or entry["proposed"] for entry in ranking}
    return (
        Paragraph(_note(ranking, words)),
        Ranking(
            columns(
                words,
                rank="number",
                name=("heading", 1.6),
                total="number",
                intention="number",
                capacity="number",
                status=1.5,
                unavailable="number",
                link="short",
                move="short",
            ),
            [_line(entry, material) for entry in ranking if not entry["is_dismissed"]],
            [_line(entry, material) for entry in ranking if entry["is_dismissed"]],
            words("dismissed"),
            words("dismissed_note"),
            [(code, labels[code]) for code in statuses() if code in labels],
        ),
    )


SECTION = Section("list", 30, _list)


def _line(entry: dict[str, Any], material: Material) -> Line:
    cells: Sequence[Content] = (
        entry["rank"],
        (material.name(entry["person_id"]), Text(entry["born"], "below")),
        (Text(entry["total"], "strong"), Text(entry["range"], "below")),
        entry["intention"],
        entry["capacity"],
        (*status_badge(entry, material.words), Text(entry["disputing"], "below")),
        entry["unavailable"],
        entry["link"],
        entry["move"],
    )
    return Line(
        cells,
        anchor=f"r-{entry['place']}",
        person_id=entry["person_id"],
        status=entry["status_code"],
        is_moved=bool(entry["moves"]),
        has_unchecked=entry["unavailable"] != "0",
    )


def _note(ranking: Sequence[dict[str, Any]], words: Words) -> str:
    notes = [words("ranking_note")]
    listed = len(ranking)
    if any(entry["range"] for entry in ranking):
        notes.append(words("ranking_note_range"))
    if listed > PROFILES_IN_PDF:
        shown = {"page": min(listed, PROFILES_IN_HTML), "pdf": PROFILES_IN_PDF}
        notes.append(words("ranking_note_profiles", listed=words.number(listed), **shown))
    return " ".join(notes)
