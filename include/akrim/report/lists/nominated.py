"""Whom and what agencies have nominated: what it says of the listed, and the form's rows for those who are on no list."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from akrim.report.profile.facts import Row, rows_by
from akrim.report.wording import DASH, Words, clean
from akrim.sharing import Tables

# What waits for the team comes first.
ANSWERS = ("unanswered", "open", "followed", "decided", "prioritised", "dismissed")
WAITING = ANSWERS[:2]


def grading(row: Row) -> str:
    """The agency's grading of its source and of the information, as one code."""
    return f"{row['source_grade']}{row['information_grade']}"


def nominated_by(nominations: Iterable[Row], words: Words) -> str:
    """By whom, with the grading of each; empty where nobody has, or the team has dismissed it since."""
    standing = [row for row in nominations if row["answer"] != "dismissed"]
    told = graded(standing, lambda agency: words.agencies(agency)[0])
    return words("nominated_by", agencies=words.listing(told)) if told else ""


def graded(nominations: Iterable[Row], name: Callable[[str], str]) -> list[str]:
    """Each agency once, by what `name` calls it, with its gradings, such as `Nav (B3, C4)`."""
    by_agency: dict[str, set[str]] = defaultdict(set)
    for row in nominations:
        by_agency[name(row["agency"])].add(grading(row))
    return [
        f"{agency} ({', '.join(sorted(grades))})"
        for agency, grades in sorted(by_agency.items(), key=lambda item: item[0].casefold())
    ]


def named(person: Row, words: Words) -> dict[str, str]:
    """Whom a line is about."""
    return {
        "person_id": person["person_id"],
        "name": words.full_name(person),
        "born": words.day(person["birth_date"]),
    }


def nominated_persons(tables: Tables, listed: Collection[str], words: Words) -> list[dict[str, Any]]:
    """A form's row for each nominated person on no list and without an answer: no points.

    Args:
        listed: the persons on the list.
    """
    persons = {row["person_id"]: row for row in tables["persons"].to_pylist()}
    return [
        entry | named(persons[person_id], words)
        for person_id, entry in _waiting(tables, "person_id", listed, words)
    ]


def nominated_enterprises(tables: Tables, listed: Collection[str], words: Words) -> list[dict[str, Any]]:
    """The same for each nominated enterprise.

    Args:
        listed: the ids of the networks and enterprises on the list.
    """
    names = {row["orgnr"]: clean(row["enterprise_name"]) for row in tables["enterprises"].to_pylist()}
    return [
        entry | {"group_id": orgnr, "enterprises": orgnr, "name": f"{names.get(orgnr, '')} ({orgnr})".strip(), "members": ""}
        for orgnr, entry in _waiting(tables, "orgnr", listed, words)
    ]  # fmt: skip


def _waiting(
    tables: Tables, column: str, listed: Collection[str], words: Words
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each subject of a nomination that is on no list and waits for an answer, with what its row says of it: no place and no points."""
    nominations = rows_by(tables["nominations"], column)
    waiting = (
        subject
        for subject, rows in nominations.items()
        if subject and subject not in listed and any(row["answer"] in WAITING for row in rows)
    )
    for subject in sorted(waiting):
        told = nominated_by(nominations[subject], words)
        yield subject, {"place": DASH, "total": DASH, "shown_status": told, "proposed": ""}
