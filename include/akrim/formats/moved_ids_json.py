"""moved_ids.json: what became of every id of a person or a network that a centre was sent and that has since merged, split or left.

Every id that the centre was sent in a part that is kept can be resolved.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import psycopg

from akrim.changes import moved_networks
from akrim.ledger import Pins
from akrim.settings import get_settings
from akrim.sharing import Tables


class IdChange(NamedTuple):
    """One row of linkage.person_id_history; `moment` is its release's sequence number."""

    old_person_id: str
    person_id: str
    change: str
    moment: int


def moved_ids_of(
    connection: psycopg.Connection, pins: Pins, centre_id: str, before: Tables, after: Tables
) -> dict[str, Any]:
    """The document that docs/changes.md describes.

    Args:
        before, after: the tables of the previous release and of this one, as sent to the centre.
    """
    parameters = {"release": pins.release_id, "centre": centre_id}
    sent: dict[str, int] = dict(connection.execute(SENT, parameters).fetchall())
    history = [IdChange(*row) for row in connection.execute(HISTORY, parameters).fetchall()]
    present = {row[0] for row in connection.execute(PRESENT, parameters).fetchall()}
    return {
        "release_id": pins.release_id,
        "recipient": centre_id,
        "ids": moved_ids(sent, history, present),
        "networks": moved_networks(_networks_moved_before(pins, centre_id), before, after),
    }


def _networks_moved_before(pins: Pins, centre_id: str) -> list[dict[str, Any]]:
    """The entries of the previous release; none where its files are not here, or are from before networks stood there."""
    if pins.previous_release_id is None:
        return []
    path = get_settings().releases_path / pins.previous_release_id / centre_id / "moved_ids.json"
    entries: list[dict[str, Any]] = (
        json.loads(path.read_text("ascii")).get("networks", []) if path.is_file() else []
    )
    return entries


def moved_ids(
    sent: Mapping[str, int], history: Iterable[IdChange], present: set[str]
) -> list[dict[str, Any]]:
    """An entry for every sent id that now stands for another person, several, or none of the centre's.

    Args:
        sent: every id that the centre was sent, with the moment when it was first sent.
        history: all id changes.
        present: the centre's persons in this release.
    """
    steps: dict[str, list[IdChange]] = defaultdict(list)
    for step in history:
        steps[step.old_person_id].append(step)
    entries = []
    for old_id in sorted(sent):
        became, is_merged = _resolve(old_id, sent[old_id], steps)
        targets = sorted(became & present)
        if targets != [old_id]:
            kind = "left" if not targets else "merged" if is_merged and len(targets) == 1 else "split"
            entries.append({"old_person_id": old_id, "kind": kind, "person_ids": targets})
    return entries


def _resolve(old_id: str, moment: int, steps: Mapping[str, list[IdChange]]) -> tuple[set[str], bool]:
    """The ids that stand for the person now, and whether the old id was merged into another."""
    current: set[str] = set()
    pending, seen = [(old_id, moment)], set()
    is_merged = False
    while pending:
        person_id, since = pending.pop()
        if (person_id, since) in seen:
            continue
        seen.add((person_id, since))
        later = [step for step in steps.get(person_id, []) if step.moment > since]
        if any(step.change == "merged" for step in later):
            is_merged |= person_id == old_id
        else:
            current.add(person_id)
        pending += [(step.person_id, step.moment) for step in later]
    return current, is_merged


# Of whom an erasure forgets last that she was named, nothing is told meanwhile.
SENT = """
select p.person_id, min(older.sequence) from marts.named_persons p join meta.releases older using (release_id)
join meta.releases this on this.release_id = %(release)s
where p.centre_id = %(centre)s and older.published_at is not null and older.sequence < this.sequence
    and not exists (select from linkage.erased_ids as e where e.person_id = p.person_id)
group by p.person_id
"""
HISTORY = """
select h.old_person_id, h.person_id, h.change, made.sequence from linkage.person_id_history h
join meta.releases made using (release_id) join meta.releases this on this.release_id = %(release)s
where made.sequence <= this.sequence order by 4, 1, 2
"""
PRESENT = "select distinct person_id from marts.named_persons where release_id = %(release)s and centre_id = %(centre)s"
