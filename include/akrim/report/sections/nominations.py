"""Whom the agencies have nominated, with their grading in words, and what the team has answered."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from akrim.contracts import DISMISSED
from akrim.report.blocks import Block, Column, Content, Heading, Name, Paragraph, Table, Text, columns
from akrim.report.lists.nominated import ANSWERS, WAITING, graded, grading
from akrim.report.material import Material, Section
from akrim.report.profile.facts import Row
from akrim.report.wording import Words, clean

MAX_NOMINATIONS = 60


def _nominations(material: Material) -> Sequence[Block]:
    words, rows = material.words, _ordered(material)
    if not rows:
        return ()
    header = columns(
        words, nominated=("heading", 1.4), nominated_from=1, observed=1.2, grading=("prose", 2), nomination_answer=1.2
    )  # fmt: skip
    shown = rows[:MAX_NOMINATIONS]
    decided = {
        (row["group_id"], row["decided_date"]) for row in material.tables["group_decisions"].to_pylist()
    }
    lines = [
        (
            subject,
            (words.agency(row["agency"]), Text(words.day(row["nominated_date"]), "below")),
            words.label("observed", row["observed_code"]),
            _grading(row, words),
            _answer(row, decided, words),
        )
        for row, subject in zip(shown, _subjects(shown, material), strict=True)
    ]
    left_out = words("nominations_left_out", shown=MAX_NOMINATIONS, total=words.number(len(rows)))
    return (
        Paragraph(words("nominations_note")),
        Table(header, lines),
        Paragraph(left_out if len(rows) > MAX_NOMINATIONS else "", "note"),
        Heading(words("nominations_by_agency")),
        _by_agency(rows, words),
    )


SECTION = Section("nominations", 36, _nominations)


def waiting_nominations(material: Material, limit: int) -> Sequence[Block]:
    """Who and what waits for an answer, in short and in a row each, the first of them with how many more; nothing where none waits."""
    words, waiting = material.words, defaultdict(list)
    for row in _ordered(material):
        if (row["answer"] or "open") in WAITING:
            waiting[row["person_id"] or row["orgnr"]].append(row)
    if not waiting:
        return ()
    first = list(waiting.values())[:limit]
    header = columns(words, nominated=("heading", 1.4), observed=("prose", 2.8), nominated_last="short")
    rows: list[Sequence[Content]] = [
        (
            subject,
            [
                Text(f"{observed}: {words.listing(graded(by, lambda a: words.agencies(a)[0]))}", "line")
                for observed, by in _by_observation(own, words)
            ],
            words.day(max(row["nominated_date"] for row in own)),
        )
        for own, subject in zip(first, _subjects([own[0] for own in first], material), strict=True)
    ]
    left_out = max(0, len(waiting) - limit)
    more = Name(words.counted("left_out_nominations", left_out), "nominations") if left_out else ""
    return (
        Heading(words("decide_nominated")),
        Table(header, rows, printed=limit // 2, left_out=left_out, more=more),
    )


def _by_observation(nominations: Sequence[Row], words: Words) -> list[tuple[str, list[Row]]]:
    """What was observed, in words, with the nominations that say so."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in nominations:
        found[words.label("observed", row["observed_code"])].append(row)
    return sorted(found.items())


def _ordered(material: Material) -> list[Row]:
    """All nominations, what waits for the team first."""
    return sorted(
        material.tables["nominations"].to_pylist(),
        key=lambda row: (
            ANSWERS.index(row["answer"] or "open"), row["nominated_date"], row["agency"], row["nomination_id"]
        ),
    )  # fmt: skip


def _grading(row: Row, words: Words) -> Content:
    return (
        Text(grading(row), "strong"),
        Text(f"{words.label('source_grade', row['source_grade'])}.", "below"),
        Text(f"{words.label('information_grade', row['information_grade'])}.", "below"),
    )


def _subjects(rows: Sequence[Row], material: Material) -> list[Content]:
    tables = material.tables
    persons = {row["person_id"]: row for row in tables["persons"].to_pylist()}
    enterprises = {row["orgnr"]: row["enterprise_name"] for row in tables["enterprises"].to_pylist()}
    words, on_it = material.words, material.words("on_the_list")
    dismissed = words.label("status", DISMISSED)
    listed = dict.fromkeys(tables["enterprise_assessments"]["orgnr"].to_pylist(), on_it)
    listed |= {e["person_id"]: dismissed if e["is_dismissed"] else on_it for e in material.ranking}
    return [_subject(row, persons, enterprises, listed, material) for row in rows]


def _subject(
    row: Row, persons: dict[str, Row], enterprises: dict[str, str], listed: dict[str, str], material: Material
) -> Content:
    """The name, with what tells it from another; a listed person's is linked to the profile."""
    words, person = material.words, persons.get(row["person_id"])
    place = Text(listed[subject], "below") if (subject := row["person_id"] or row["orgnr"]) in listed else ""
    if person is None:
        name = clean(enterprises.get(row["orgnr"])) or row["orgnr"]
        return (material.group(row["orgnr"], name), Text(row["orgnr"], "below"), place)
    if place:
        return (material.name(row["person_id"]), place)
    return (words.full_name(person), Text(words.day(person["birth_date"]), "below"))


def _answer(row: Row, decided: Collection[tuple[str, date]], words: Words) -> Content:
    """What the team has answered, and whether by a decision on who leads the enterprise and not on the enterprise itself.

    Args:
        decided: the networks and enterprises with the days on which was decided on them.
    """
    told = words.label("nomination_answer", row["answer"])
    of_leader = row["orgnr"] and row["decided_date"] and (row["orgnr"], row["decided_date"]) not in decided
    return (
        Text(told, "alert" if row["answer"] == "unanswered" else ""),
        Text(words.label("status", row["status"]), "below"),
        Text(words.day(row["decided_date"]), "below"),
        Text(words("nomination_of_leader") if of_leader else "", "below"),
    )


def _by_agency(rows: Sequence[Row], words: Words) -> Table:
    counts = Counter((row["agency"], row["answer"]) for row in rows)
    told = [answer for answer in ANSWERS if any(of == answer for _, of in counts)]
    header = [
        *columns(words, ages_agency=("heading", 1), nominations_total="number"),
        *(Column(words.label("nomination_answer", answer), "number") for answer in told),
    ]
    lines = [
        (
            words.agency(agency),
            words.number(sum(number for (of, _), number in counts.items() if of == agency)),
            *(words.number(counts[agency, answer]) for answer in told),
        )
        for agency in sorted({row["agency"] for row in rows})
    ]
    return Table(header, lines)
