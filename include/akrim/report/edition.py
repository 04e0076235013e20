"""Which release and centre a report is about, and what it shows beside the centre's tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from akrim.changes import Change
from akrim.linkage.quality import Figure
from akrim.sharing import Tables

# Two years, for which a report shows how long the list was.
TERTIALS_SHOWN = 6


class ListSize(NamedTuple):
    """How many were on the list of a tertial's last release, and how many of them were new: all on the first list."""

    period: str
    listed: int
    entered: int


class Renewal(NamedTuple):
    """Of a revision: the one before it, the agencies of which it rests on other deliveries, what else of its inputs is another, and whether the
    one before was recalled when they were pinned."""

    previous: str
    agencies: Sequence[str]
    inputs: Sequence[str]  # keys of the texts `renewed_...`
    is_recalled: bool = False


class Earlier(NamedTuple):
    """What the centre was sent: with the release before, and with the last one of the period before. Empty where there is none."""

    before: Tables
    last_period: Tables


@dataclass(frozen=True)
class Edition:
    """What a report is about; `since_last_period`, `corrections`, `group_changes` and `told_as_one` are those of changes.json (docs/changes.md).

    `delivered` is the day of the newest of the agencies' deliveries that the release rests on, which is the nearest that it has to a day of
    issue: nothing in it comes from a clock. `answer` is what the centre is answered to its decision forms
    (akrim.deliveries.decisions.answers): empty where nothing came since the release before, None where there was none, or that is not known.
    """

    release_id: str
    period: str
    as_of: date
    centre_id: str
    previous_release_id: str | None
    is_synthetic: bool
    versions: dict[str, str]
    since_last_period: dict[str, Any] | None = None
    corrections: Sequence[dict[str, Any]] = ()
    group_changes: Sequence[dict[str, Any]] = ()
    told_as_one: Sequence[str] = ()
    with_measures: bool = False
    quality: Sequence[Figure] = ()
    answer: dict[str, Any] | None = None
    list_sizes: Sequence[ListSize] = ()
    delivered: date | None = None
    renewal: Renewal | None = None


def compared(edition: Edition, changes: Sequence[Change]) -> tuple[str | None, Sequence[Change]]:
    """As `Material.compared`, of the changes since the release before; on a first list everybody is new, which tells nothing."""
    if edition.since_last_period is None:
        return edition.previous_release_id, changes if edition.previous_release_id else ()
    return edition.since_last_period["previous"], edition.since_last_period["changes"]
