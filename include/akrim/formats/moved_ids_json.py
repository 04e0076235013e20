"""moved_ids.json: what became of every person id that a centre was ever sent and that no longer means just itself.

In go the ids that were sent, who was merged and split since, and the centre's present persons; out comes an entry for
each id that is gone, or that now stands for several persons. An id of the centre's past always resolves.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import psycopg

from akrim.ledger import Pins


class Step(NamedTuple):
    """One row of linkage.person_id_history, with its release's place in time."""

    old_person_id: str
    person_id: str
    change: str
    moment: int


def moved_ids_of(connection: psycopg.Connection, pins: Pins, centre_id: str) -> dict[str, Any]:
    """The document; its form stands in docs/changes.md."""
    asked = {"release": pins.release_id, "centre": centre_id}
    sent: dict[str, int] = dict(connection.execute(SENT, asked).fetchall())
    history = [Step(*row) for row in connection.execute(HISTORY, asked).fetchall()]
    present = {row[0] for row in connection.execute(PRESENT, asked).fetchall()}
    return {"release_id": pins.release_id, "recipient": centre_id, "ids": moved(sent, history, present)}


def moved(sent: Mapping[str, int], history: Iterable[Step], present: set[str]) -> list[dict[str, Any]]:
    """An entry for every id that was sent and now is another person, several, or none of the centre's.

    Args:
        sent: every id that the centre was sent, with the moment when it was sent it first.
        history: who became whom, at any time.
        present: the centre's persons in this release.
    """
    steps: dict[str, list[Step]] = defaultdict(list)
    for step in history:
        steps[step.old_person_id].append(step)
    entries = []
    for old_id in sorted(sent):
        became, is_merged = _followed(old_id, sent[old_id], steps)
        targets = sorted(became & present)
        if targets != [old_id]:
            kind = "left" if not targets else "merged" if is_merged and len(targets) == 1 else "split"
            entries.append({"old_person_id": old_id, "kind": kind, "person_ids": targets})
    return entries


def _followed(old_id: str, moment: int, steps: Mapping[str, list[Step]]) -> tuple[set[str], bool]:
    """The ids that stand for the person now, and whether the old id itself is spent."""
    living: set[str] = set()
    waiting, seen = [(old_id, moment)], set()
    is_spent = False
    while waiting:
        person_id, since = waiting.pop()
        if (person_id, since) in seen:
            continue
        seen.add((person_id, since))
        later = [step for step in steps.get(person_id, []) if step.moment > since]
        if any(step.change == "merged" for step in later):
            is_spent |= person_id == old_id
        else:
            living.add(person_id)
        waiting += [(step.person_id, step.moment) for step in later]
    return living, is_spent


SENT = """
select p.person_id, min(older.sequence) from marts.release_persons p join meta.releases older using (release_id)
join meta.releases this on this.release_id = %(release)s
where p.centre_id = %(centre)s and older.published_at is not null and older.sequence < this.sequence
group by p.person_id
"""
HISTORY = """
select h.old_person_id, h.person_id, h.change, made.sequence from linkage.person_id_history h
join meta.releases made using (release_id) join meta.releases this on this.release_id = %(release)s
where made.sequence <= this.sequence order by 4, 1, 2
"""
PRESENT = "select distinct person_id from marts.release_persons where release_id = %(release)s and centre_id = %(centre)s"
