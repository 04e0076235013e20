"""The ranked list: one entry of finished texts per person.

Persons whom a management team dismissed come last and unranked: points by rule do not undo a decision.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from akrim.changes import Change
from akrim.contracts import DISMISSED, statuses
from akrim.report.lists.nominated import named, nominated_by
from akrim.report.moves.moved import kind_of
from akrim.report.profile.facts import Row, disputes_of, grouped, newest_first, rows_by
from akrim.report.wording import DASH, Words, clean
from akrim.sharing import Tables

UP, DOWN = "\u25b2", "\u25bc"
# Beyond any difference in points, and beyond any match weight.
NEWEST = 1_000_000
CERTAIN = 1_000_000
NOTHING = -1_000_000


def build_ranking(
    tables: Tables,
    changes: Sequence[Change],
    centre_id: str,
    strict_link: float,
    words: Words,
    first: int = 1,
) -> list[dict[str, Any]]:
    """The centre's list, dismissed persons last.

    Args:
        first: the place of its first row, where the tables have a part of the list alone.
        centre_id: whose list it is; what other centres have decided of these persons is noted.
        strict_link: the match weight from which on a link is a strong one (definition `strict_link`).
    """
    persons = tables["persons"].select(["person_id", "full_name", "birth_date"]).to_pylist()
    names = {row["person_id"]: row for row in persons}
    changes_by_person = grouped(changes, "person_id")
    elsewhere = _decided_elsewhere(tables, centre_id)
    listed = sorted(tables["assessments"].to_pylist(), key=_order)
    otherwise = {
        row["person_id"]: _otherwise(row, elsewhere.get(row["person_id"], []), words) for row in listed
    }
    lines = (
        _line(place, row, names[row["person_id"]], changes_by_person[row["person_id"]], words)
        | _link(row["weakest_match_weight"], strict_link, words)
        | {"is_decided_otherwise": bool(otherwise[row["person_id"]])}
        | {"ahead": _ahead(row, following, place + 1, words)}
        for place, (row, following) in enumerate(zip_longest(listed, listed[1:]), start=first)
    )
    noted = _noted(listed, tables, names, otherwise, words)
    return [
        line | {"notes": notes, "shown_status": f" {DASH} ".join(filter(None, [line["status"], *notes]))}
        for line, notes in zip(lines, noted, strict=True)
    ]


def _noted(
    listed: Sequence[Row],
    tables: Tables,
    names: dict[str, Row],
    otherwise: dict[str, list[str]],
    words: Words,
) -> Iterator[list[str]]:
    """What is noted beside each row's status."""
    questions = rows_by(tables["status_questions"], "person_id")
    nominations = rows_by(tables["nominations"], "person_id")
    for row in listed:
        person_id = row["person_id"]
        yield [
            *_whereabouts(row, words),
            *_asked(questions[person_id], names, words),
            *otherwise[person_id],
            *filter(None, [nominated_by(nominations[person_id], words)]),
        ]


def place_of(person_id: str, listed: pa.Table) -> tuple[int, list[str]]:
    """The person's place on the centre's list, and with the person who comes next; raises ValueError where the person is not on it."""
    rows = listed.select(["person_id", "rank", "status", "new_fact_date"]).to_pylist()
    in_order = [row["person_id"] for row in sorted(rows, key=_order)]
    place = in_order.index(person_id)
    return place + 1, in_order[place : place + 2]


def _whereabouts(row: Row, words: Words) -> list[str]:
    """That the person has left the centre's area, or come from another's that has given a status."""
    if row["is_in_area"] is False:
        return [words("moved_away")]
    return [words("offered", centre=words.label("centre", row["offered_by"]))] if row["offered_by"] else []


def _decided_elsewhere(tables: Tables, centre_id: str) -> dict[str, list[Row]]:
    """By person, each other centre's newest decision, the newest first."""
    decisions = tables["prioritisations"]
    others = decisions.filter(pc.not_equal(decisions["centre_id"], centre_id))
    found: dict[str, list[Row]] = {}
    for person_id, rows in rows_by(others, "person_id").items():
        newest: dict[str, Row] = {}
        for row in newest_first(rows):
            newest.setdefault(row["centre_id"], row)
        found[person_id] = list(newest.values())
    return found


def _otherwise(listed: Row, elsewhere: list[Row], words: Words) -> list[str]:
    """What other centres have decided otherwise than this one."""
    return [
        words(
            "decided_elsewhere",
            centre=words.label("centre", row["centre_id"]),
            status=words.label("status", row["status"]).lower(),
            date=words.day(row["decided_date"]),
        )
        for row in elsewhere
        if row["status"] != listed["status"]
    ]


def _asked(questions: list[Row], names: dict[str, Row], words: Words) -> list[str]:
    """What the centre is asked to confirm of the person's status, since linkage has split or merged persons."""
    return [
        words(
            f"asked_{row['question']}",
            status=words.label("status", row["status"]),
            name=words.full_name(names[row["bearer_person_id"]]),
        )
        for row in sorted(questions, key=lambda row: row["question"])
    ]


def _order(row: Row) -> tuple[bool, int, str]:
    return _is_dismissed(row), row["rank"], row["person_id"]


def _is_dismissed(row: Row) -> bool:
    """Whether the person is dismissed and nothing has happened since."""
    return row["status"] == DISMISSED and row["new_fact_date"] is None


def _ahead(row: Row, following: Row | None, place: int, words: Words) -> str:
    """What sets the person before the next on the list, whose place is given: as the mart's rank has it, a proposal first, then points."""
    if following is None or not row["proposed_status"] or _is_dismissed(row) or _is_dismissed(following):
        return ""
    proposed = following["proposed_status"]
    if not proposed:
        return words("ahead_by_proposal", place=place)
    if row["proposed_status"] != proposed:
        own, other = (words.label("status", code).lower() for code in (row["proposed_status"], proposed))
        return words("ahead_by_status", place=place, own=own, status=other)
    points = row["total_points"] - following["total_points"]
    return (
        words.counted("ahead_by_point", points, place=place) if points else words("ahead_even", place=place)
    )


def _line(place: int, row: Row, person: Row, changes: list[Change], words: Words) -> dict[str, Any]:
    status = row["status"]
    is_dismissed = _is_dismissed(row)
    return {
        "place": place,
        "rank": DASH if is_dismissed else words.number(place),
        "is_dismissed": is_dismissed,
        **named(person, words),
        "intention": words.number(row["intention_points"]),
        "capacity": words.number(row["capacity_points"]),
        "total": words.number(row["total_points"]),
        "range": _range(row, words),
        "disputing": disputing(row, words),
        "weak": words("rests_on_weak_link") if row["rests_on_weak_link"] else "",
        "fired": words.number(row["fired_count"]),
        "unavailable": words.number(row["unavailable_count"]),
        "status_code": status or row["proposed_status"] or "",
        "status": words.label("status", status),
        "status_since": words.day(row["status_since"]) if status else "",
        "since_dismissal": words("since_dismissal", date=words.day(row["new_fact_date"]))
        if row["new_fact_date"]
        else "",
        "proposed_code": None if is_dismissed else row["proposed_status"],
        "proposed": "" if is_dismissed else words.label("status", row["proposed_status"]),
        "order": _places_on_screen(place, row, person, changes),
        "moves": [words.change(kind_of(change)) for change in changes],
        "move": _move(changes, words),
    }


def _places_on_screen(place: int, row: Row, person: Row, changes: list[Change]) -> dict[str, Any]:
    """What the list is sorted by, on screen the greatest first, but for places and names."""
    status = row["status"] or row["proposed_status"]
    return {
        "rank": place,
        "name": clean(person["full_name"]).casefold(),
        "total": row["total_points"],
        "intention": row["intention_points"],
        "capacity": row["capacity_points"],
        "status": -list(statuses()).index(status) if status else NOTHING,
        "unavailable": row["unavailable_count"],
        "link": -float(row["weakest_match_weight"] or CERTAIN),
        "move": _difference(changes),
    }


def _link(weight: float | None, strict_link: float, words: Words) -> dict[str, Any]:
    """How strong the weakest link is that holds the person's records together; none where they share a number."""
    strength = "certain" if weight is None else "strong" if weight >= strict_link else "weak"
    limit = words.number(strict_link)
    rests_on = (
        words("link_by_number")
        if weight is None
        else words("link_weight", weight=words.number(weight), limit=limit)
    )
    return {
        "link": words(f"link_{strength}"),
        "is_weakly_linked": strength == "weak",
        "link_rests_on": rests_on,
    }


def disputing(row: Row, words: Words) -> str:
    """Since when the person disputes something; empty where no case is open."""
    since = [dispute["since"] for dispute in disputes_of(row) if dispute["is_open"]]
    return words("disputing", date=words.iso_day(min(since))) if since else ""


def _range(row: Row, words: Words) -> str:
    """The points by strong links alone and by all links; empty where they are equal."""
    parts = [row[f"strict_{dimension}_points"] for dimension in ("intention", "capacity")]
    strict = sum(part for part in parts if part is not None)
    if None in parts or strict == row["total_points"]:
        return ""
    return f"{words.number(strict)}{DASH}{words.number(row['total_points'])}"


def _move(changes: list[Change], words: Words) -> str:
    """The change in points, with a symbol that does not depend on colour."""
    kinds = {change["change"] for change in changes}
    if "entered" in kinds:
        return words("move_new")
    if difference := _difference(changes):
        return f"{UP if difference > 0 else DOWN} {words.signed(difference)}"
    return words("move_status") if "status" in kinds else ""


def _difference(changes: list[Change]) -> int:
    """By how many points the person has moved; who is new has moved furthest."""
    for change in changes:
        if change["change"] == "entered":
            return NEWEST
        if change["change"] in ("rose", "fell"):
            return int(change["after"]["total_points"] - change["before"]["total_points"])
    return 0
