"""The pages of releases: which there are, what became of one and what changed with it, and a centre's own files for who leads it."""

import json
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import FileResponse

from akrim import audit, ledger, warehouse
from akrim.browser.access import Reader, Right, may
from akrim.browser.listing import Row, cut, in_order
from akrim.browser.purposes import ask_purpose, purpose_of
from akrim.browser.rendering import show
from akrim.settings import get_settings

router = APIRouter()
SeesReleases = Annotated[Reader, Depends(may(Right.RELEASES))]
Fetches = Annotated[Reader, Depends(may(Right.FILES))]

SORTED_BY = ("release_id", "as_of", "status", "receipts")
# Of these a centre was given its part, and nothing says not to use it.
GIVEN = {"published", "superseded"}


class Changes(NamedTuple):
    """How many persons' places changed on a centre's list: in all, by change and by cause, and which inputs differ."""

    centre_id: str
    total: int
    by_change: list[tuple[str, int]]
    by_cause: list[tuple[str, int]]
    inputs: list[str]


@router.get("/releases")
def releases(request: Request, reader: SeesReleases, sort: str = "", page: int = 1) -> Response:
    """Every release, newest first."""
    rows = [_with_hold(row) for row in ledger.list_releases()]
    return show(
        request, reader, "releases.html.j2", listed=cut(in_order(rows, sort, SORTED_BY), page), sort=sort
    )


@router.get("/releases/{release_id}")
def release(request: Request, reader: SeesReleases, release_id: str) -> Response:
    """One release: why it was held, who let it go or took it back, who has received it, and what changed, in figures."""
    row = _release(release_id)
    known = ledger.history(release_id) or {}
    centres = _centres(reader, release_id)
    return show(
        request,
        reader,
        "release.html.j2",
        row=row,
        known=known,
        sent=[line for line in known["sent"] if _may_see(reader, line["centre_id"])],
        changes=[_changes(path, path.stat().st_mtime_ns) for path in centres],
        files=_files(reader, row),
        is_operator=reader.may(Right.SETTLE),
    )


@router.get("/releases/{release_id}/{centre_id}/{name}")
def file(request: Request, reader: Fetches, release_id: str, centre_id: str, name: str) -> Response:
    """A file of a centre's part, for who leads that centre, for a purpose that is logged before it is sent."""
    if centre_id not in reader.centres:
        raise HTTPException(403)
    found = {path.name: path for path in _files(reader, _release(release_id)).get(centre_id, [])}.get(name)
    if found is None:
        raise HTTPException(404)
    purpose = purpose_of(request, reader)
    if not purpose:
        return ask_purpose(request, reader)
    with warehouse.connect() as connection:
        told = {"command": "pages releases", "centre": centre_id, "file": name}
        event = audit.Event("consultation", reader.name, purpose, release_id=release_id, detail=told)
        audit.record(connection, event)
    return FileResponse(
        found, filename=f"{release_id}-{centre_id}-{name}", headers={"cache-control": "no-store"}
    )


def _release(release_id: str) -> Row:
    for row in ledger.list_releases():
        if row["release_id"] == release_id:
            return _with_hold(row)
    raise HTTPException(404)


def _with_hold(row: Row) -> Row:
    return row | {"status": "held" if row["is_held"] else row["status"]}


def _may_see(reader: Reader, centre_id: str) -> bool:
    """Whoever is let in by another role than as a leader sees every centre's figures."""
    return centre_id in reader.centres or reader.may(Right.EVERY_CENTRE)


def _centres(reader: Reader, release_id: str) -> list[Path]:
    """What changed for each centre that the reader may see, by its file."""
    found = sorted((get_settings().releases_path / release_id).glob("*/changes.json"))
    return [path for path in found if _may_see(reader, path.parent.name)]


@lru_cache(maxsize=256)
def _changes(path: Path, _written: int) -> Changes:
    told = json.loads(path.read_text("utf-8"))
    changes = told["changes"]
    return Changes(
        path.parent.name,
        len(changes),
        Counter(change["change"] for change in changes).most_common(),
        Counter(change["cause"] for change in changes if change["cause"]).most_common(),
        [str(name) for name in told["inputs_that_differ"]],
    )


def _files(reader: Reader, row: Row) -> dict[str, list[Path]]:
    """By centre that the reader leads: the files of its part, where the release is in force or was."""
    if row["status"] not in GIVEN or not row["path"] or not reader.may(Right.FILES):
        return {}
    folders = [Path(row["path"]) / centre for centre in reader.centres]
    return {
        folder.name: sorted(path for path in folder.iterdir() if path.is_file())
        for folder in folders
        if folder.is_dir()
    }
