"""Compares any two releases by their files."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from akrim.changes import Change, compare
from akrim.contracts import NATIONAL
from akrim.errors import UserError
from akrim.sharing import Tables
from akrim.sharing.national import FigureChange, moved_figures, national_marts
from akrim.trust import MANIFEST

LIST = Path("data", "assessments.parquet")
LIST_COLUMNS = ["person_id", "rank", "total_points", "proposed_status", "status"]


def changes_between(earlier: Path, later: Path, centre_id: str | None = None) -> dict[str, list[Change]]:
    """Each centre's changes from the earlier to the later release, without causes; of all, those of whom both have a list.

    A centre's list is gone from a release once its part was erased.

    Raises UserError where neither has any centre, or the one that is named, or one has no list of it, or no list at all.
    """
    centres = sorted(_centres(earlier) | _centres(later))
    if not centres:
        raise UserError(
            "Neither is a release's folder, in which each centre has one of its own.",
            f"{earlier}, {later}",
            "Name releases, or the folders that hold the centres' folders.",
        )
    if centre_id is not None and centre_id not in centres:
        raise UserError(
            f"Neither release has a centre {centre_id!r}.", "--centre", f"Name one of {', '.join(centres)}."
        )
    listed = [centre for centre in centres if _has_list(earlier, centre) and _has_list(later, centre)]
    chosen = [centre_id] if centre_id else listed or centres
    return {
        centre: compare(_read_list(earlier / centre), _read_list(later / centre), identities=[])
        for centre in chosen
    }


def without_list(earlier: Path, later: Path) -> set[str]:
    """The centres that have a part of both releases, of which one has no list any more."""
    return {
        centre
        for centre in _centres(earlier) & _centres(later)
        if not (_has_list(earlier, centre) and _has_list(later, centre))
    }


def national_moves(earlier: Path, later: Path) -> list[FigureChange]:
    """The figures of the national part that moved from the earlier to the later release.

    Raises UserError where one of them has no national part, or one that was erased.
    """
    return moved_figures(*(_read_national(release / NATIONAL / "data") for release in (earlier, later)))


def _centres(release: Path) -> set[str]:
    """The centres that have a part of the release, or the tombstone of one."""
    return {manifest.parent.name for manifest in release.glob(f"*/{MANIFEST}")} - {NATIONAL}


def _has_list(release: Path, centre: str) -> bool:
    return (release / centre / LIST).exists()


def _read_national(data: Path) -> Tables:
    if not data.is_dir():
        raise UserError(
            "The release has no figures of a national part.",
            str(data),
            "`akrim releases verify` says what is missing.",
        )
    return {mart.name: _read_table(data / f"{mart.name}.parquet") for mart in national_marts()}


def _read_list(folder: Path) -> dict[str, dict[str, Any]]:
    path = folder / LIST
    if not path.exists():
        raise UserError(
            "The release has no list for this centre.",
            str(path),
            "`akrim releases verify` says what is missing.",
        )
    return {row["person_id"]: row for row in _read_table(path, LIST_COLUMNS).to_pylist()}


def _read_table(path: Path, columns: list[str] | None = None) -> pa.Table:
    try:
        return pq.read_table(path, columns=columns)
    except (OSError, pa.ArrowException):
        raise UserError(
            "A table of the release cannot be read: it is damaged, or no release's.",
            str(path),
            "`akrim releases verify` says what is altered or missing.",
        ) from None
