"""The form's rows for those on no list whom a key threat actor works through: straw men, who took over, what they lead, and a key network's.

Nobody is in these rows who is not named to the centre with that tie already: they are made of what it is sent.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from akrim.report.lists.groups import statuses_of_groups
from akrim.report.lists.nominated import named
from akrim.report.profile.facts import has_closed
from akrim.report.wording import DASH, Words, clean
from akrim.sharing import Tables

KEY_STATUS = "sentral_trusselaktor"
Entries = Sequence[dict[str, Any]]


def linked_persons(tables: Tables, ranking: Entries, asked: set[str], words: Words) -> list[dict[str, Any]]:
    """A row for each person who stands in for a key actor, or for whom one does, or who gave or took over a role: no points.

    Args:
        asked: the persons who have a row already.
    """
    pairs = {(row["person_id"], row["front_person_id"]) for row in tables["straw_man_ties"].to_pylist()}
    pairs |= {
        (row["from_id"], row["to_id"])
        for row in tables["network_ties"].to_pylist()
        if row["tie"] == "handover"
    }
    pairs |= {(other, one) for one, other in pairs}
    persons = {row["person_id"]: row for row in tables["persons"].to_pylist()}
    return [
        entry | named(persons[person_id], words) | {"shown_status": tie}
        for person_id, _, tie, entry in _linked(pairs, ranking, persons.keys() - asked, words)
    ]


def linked_enterprises(
    tables: Tables, ranking: Entries, groups: Entries, holding_steps: int, as_of: date, words: Words
) -> list[dict[str, Any]]:
    """The same for each enterprise in operation that a key actor leads, controls through a straw man or holdings, or that is in a key network.

    A sole proprietorship is its owner.

    Args:
        groups: the networks and enterprises that have a row.
        holding_steps: through how many enterprises one after another something is led (definition `holding_steps`).
        as_of: the cut-off date, on which they operate.
    """
    pairs = _controlled(tables, holding_steps) | {
        (row["network_id"], row["member_id"])
        for row in tables["network_members"].to_pylist()
        if row["member_kind"] == "enterprise"
    }
    asked = {entry["group_id"] for entry in groups}
    enterprises = {
        row["orgnr"]: row
        for row in tables["enterprises"].to_pylist()
        if row["legal_form_code"] != "ENK" and not has_closed(row, as_of)
    }
    statuses = statuses_of_groups(tables)
    return [
        entry
        | {
            "group_id": orgnr,
            "enterprises": orgnr,
            "name": f"{clean(enterprises[orgnr]['enterprise_name'])} ({orgnr})",
            "members": actors,
            "shown_status": f" {DASH} ".join(
                filter(None, [words.label("status", statuses.get(orgnr, {}).get("status")), tie])
            ),
        }
        for orgnr, actors, tie, entry in _linked(
            pairs, (*ranking, *groups), enterprises.keys() - asked, words
        )
    ]


def _controlled(tables: Tables, holding_steps: int) -> set[tuple[str, str]]:
    """Who leads which enterprise, himself or by a straw man, and what that one leads in its turn, as far as chains count."""
    led = {(row["person_id"], row["orgnr"]) for row in tables["straw_man_ties"].to_pylist()}
    led |= {
        (row["person_id"], row["orgnr"])
        for row in tables["roles"].to_pylist()
        if row["is_leading"] and row["is_active"]
    }
    held = defaultdict(set)
    for row in tables["network_ties"].to_pylist():
        if row["from_kind"] == "enterprise" and row["tie"] == "leading_role" and row["last_date"] is None:
            held[row["from_id"]].add(row["to_id"])
    found, new = set(led), led
    for _ in range(holding_steps):
        new = {(person, orgnr) for person, holding in new for orgnr in held[holding]} - found
        found |= new
    return found


def _linked(
    pairs: Iterable[tuple[str, str]], listed: Entries, waiting: Collection[str], words: Words
) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Each of those without a row to whom a key actor is tied: the actors' names in the order listed, the tie in words, and the row's start."""
    actors = {
        entry.get("person_id") or entry["group_id"]: entry["name"]
        for entry in listed
        if entry.get("status_code") == KEY_STATUS
    }
    order = {actor: position for position, actor in enumerate(actors)}
    found = defaultdict(list)
    for actor, other in pairs:
        if actor in actors and other in waiting:
            found[other].append(actor)
    for other in sorted(found):
        names = words.listing([actors[actor] for actor in sorted(found[other], key=order.__getitem__)])
        yield (other, names, words("linked_to", names=names), {"place": DASH, "total": DASH, "proposed": ""})
