"""Two releases compared by their files, whatever lies between them: in go two folders, out come each centre's changes."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from akrim.errors import UserError
from akrim.releases.changes import Change, Comparison, compare

LIST_COLUMNS = ["person_id", "rank", "total_points", "proposed_status", "status"]


def changes_between(earlier: Path, later: Path, centre_id: str | None = None) -> dict[str, list[Change]]:
    """Each centre's changes from the earlier to the later release, without causes.

    Raises UserError where a centre is named that neither has.
    """
    centres = sorted(
        {folder.parent.name for side in (earlier, later) for folder in side.glob("*/manifest.json")}
    )
    if centre_id is not None and centre_id not in centres:
        raise UserError(
            f"Neither release has a centre {centre_id!r}.", "--centre", f"Name one of {', '.join(centres)}."
        )
    chosen = [centre_id] if centre_id else centres
    return {
        centre: [_bare(change) for change in _changes(earlier / centre, later / centre)] for centre in chosen
    }


def _changes(earlier: Path, later: Path) -> list[Change]:
    return compare(Comparison(_list_of(earlier), _list_of(later), identities=[], decided=set(), differing=[]))


def _list_of(folder: Path) -> pa.Table:
    path = folder / "data" / "assessments.parquet"
    if not path.exists():
        raise UserError(
            "The release has no list for this centre.",
            str(path),
            "`akrim releases verify` says what is missing.",
        )
    return pq.read_table(path, columns=LIST_COLUMNS)


def _bare(change: Change) -> Change:
    return {key: value for key, value in change.items() if key != "cause"}
