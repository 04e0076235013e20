"""The effect of each cause on one person on one list; effects sum up to the whole change.

A person is followed under the id of each step: until the records of an older id have moved, the line is that id's.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from akrim.changes.lines import CauseStep, Line
from akrim.changes.listing import Change, Successors, is_given_anew


class Effect(NamedTuple):
    """One cause's effect: the person's line before it and after it; None while the person is not the centre's."""

    cause: str
    before: Line | None
    after: Line | None

    @property
    def points(self) -> int:
        return points(self.after) - points(self.before)

    @property
    def enters_or_leaves(self) -> bool:
        return _is_listed(self.before) != _is_listed(self.after)

    @property
    def status_differs(self) -> bool:
        return _status(self.before) != _status(self.after)

    @property
    def given_differs(self) -> bool:
        """Whether the status that a team gave is another, whatever is proposed."""
        return _status(self.before)[1] != _status(self.after)[1]


@dataclass
class Attribution:
    """The steps between two releases, and the successors of merged and split ids.

    `untold`: by centre, the rules that are withheld from it now. What they would give in the steps before `sharing` it never was told.
    `unreached`, `was_unreached`: the rules that can be checked for nobody now, by the state of the agencies' data, and that could not then.
    """

    steps: list[CauseStep]
    successors: Successors
    untold: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unreached: frozenset[str] = frozenset()
    was_unreached: frozenset[str] = frozenset()
    _predecessors: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self._predecessors = {}
        for old_id, new_ids in self.successors.items():
            for new_id in new_ids:
                self._predecessors.setdefault(new_id, []).append(old_id)

    def effects(self, centre_id: str, change: Change) -> list[Effect]:
        """The effects of the causes on the change's person, in order; only those relevant to the change."""
        lines = self._told(
            centre_id, [self._line(centre_id, change, place) for place in range(len(self.steps))]
        )
        by_cause: dict[str, Effect] = {}
        for place in range(1, len(lines)):
            cause = self.steps[place].cause
            # Two steps of one cause make one effect.
            start = by_cause[cause].before if cause in by_cause else lines[place - 1]
            if lines[place] != lines[place - 1] or cause in by_cause:
                by_cause[cause] = Effect(cause, start, lines[place])
        return [effect for effect in by_cause.values() if _concerns(change["change"], effect)]

    def cause_of_regrouping(self, old_person_id: str) -> str:
        """Which step moved the old person's records."""
        return next((s.cause for s in self.steps if old_person_id in s.regrouped), "linkage")

    def corrected(self, centre_id: str, person_ids: Iterable[str]) -> Iterator[str]:
        """Those of these persons whose line a correction changed, as far as the centre is told."""
        places = [place for place, step in enumerate(self.steps) if step.cause == "correction"]
        for person_id in sorted(person_ids) if places else ():
            lines = self._told(centre_id, [step.lines.get((centre_id, person_id)) for step in self.steps])
            if any(_affected(lines[at - 1], False) != _affected(lines[at], False) for at in places):
                yield person_id

    def _told(self, centre_id: str, lines: list[Line | None]) -> list[Line | None]:
        """The lines, in which what is withheld now stays as it was told last until the step `sharing`, and so does the place that follows from it."""
        untold = self.untold.get(centre_id)
        end = next((place for place, step in enumerate(self.steps) if step.cause == "sharing"), 0)
        if not untold or not end:
            return lines
        kept = (_as_told(line, lines[0], lines[end], untold) for line in lines[1:end])
        return [lines[0], *kept, *lines[end:]]

    def _line(self, centre_id: str, change: Change, place: int) -> Line | None:
        lines = self.steps[place].lines
        own = lines.get((centre_id, change["person_id"]))
        if "old_person_id" in change:
            has_moved = not self._is_unmoved(change["old_person_id"], place)
            return own if has_moved else lines.get((centre_id, change["old_person_id"]))
        if change["change"] == "left" or _is_listed(own):
            return own
        older = [
            line
            for old_id in self._predecessors.get(change["person_id"], [])
            if self._is_unmoved(old_id, place) and (line := lines.get((centre_id, old_id)))
        ]
        candidates = [line for line in (own, *older) if line]
        return min(candidates, key=_sort_key, default=None)

    def _is_unmoved(self, old_id: str, place: int) -> bool:
        moves = any(old_id in step.regrouped for step in self.steps)
        return old_id not in self.steps[place].regrouped if moves else place == 0


def _as_told(line: Line | None, first: Line | None, last: Line | None, untold: frozenset[str]) -> Line | None:
    """The line with these rules' points, and what follows from points, as in the first; only a decision brings onto the list meanwhile."""
    if line is None:
        return None
    told = {code: number for code, number in line.points.items() if code not in untold}
    kept = {code: number for code, number in first.points.items() if code in untold} if first else {}
    place = first if _is_listed(first) else last if line.status else None
    proposed = first.proposed_status if first else None
    return replace(line, points=told | kept, rank=rank_of(place), proposed_status=proposed)


def points(line: Line | None) -> int:
    return line.total if line else 0


def rank_of(line: Line | None) -> int | None:
    return line.rank if line else None


def main_cause(change: Change, effects: Iterable[Effect]) -> str | None:
    """The change's main cause: the one that triggered it, else the one with most points."""
    kind = change["change"]
    candidates = list(effects)
    if kind in ("entered", "left"):
        candidates = [effect for effect in candidates if effect.enters_or_leaves][-1:] or candidates
    elif kind == "status":
        given = [effect for effect in candidates if effect.given_differs] if is_given_anew(change) else []
        candidates = given or [effect for effect in candidates if effect.status_differs] or candidates
    elif kind in ("rose", "fell"):
        sign = 1 if kind == "rose" else -1
        candidates = [effect for effect in candidates if sign * effect.points > 0] or candidates
    return max(candidates, key=lambda effect: abs(effect.points)).cause if candidates else None


def _concerns(kind: str, effect: Effect) -> bool:
    """Whether the effect is relevant to this kind of change."""
    before, after = effect.before, effect.after
    if kind == "status":
        return effect.status_differs
    if kind in ("rose", "fell"):
        return points(before) != points(after) or rank_of(before) != rank_of(after)
    return _affected(before) != _affected(after)


def _affected(line: Line | None, with_rank: bool = True) -> tuple[object, ...] | None:
    """The parts of a line that an effect can change."""
    if line is None:
        return None
    place = line.rank if with_rank else _is_listed(line)
    return line.points, line.proposed_status, line.status, place


def _is_listed(line: Line | None) -> bool:
    return line is not None and line.rank is not None


def _status(line: Line | None) -> tuple[str | None, str | None]:
    return (line.proposed_status, line.status) if line else (None, None)


def _sort_key(line: Line) -> tuple[bool, int, int, str]:
    return (line.rank is None, line.rank or 0, -line.total, line.person_id)
