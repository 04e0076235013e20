"""The pages of releases: which there are, what one would change, letting it go or taking it back, and a centre's files for who leads it."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import FileResponse

from akrim import audit, insight, ledger, sending, warehouse
from akrim import releases as releasing
from akrim.browser.access import Reader, Reason, Right, may
from akrim.browser.listing import Page, Row, read_page
from akrim.browser.purposes import list_persons, require_purpose
from akrim.browser.rendering import go_to, show
from akrim.changes import Change, count_changed_persons, count_changes
from akrim.contracts import centres, load_contracts
from akrim.deliveries.decisions import CameBack, decisions_on
from akrim.errors import UserError
from akrim.linkage.quality import Figure, read_quality
from akrim.orchestration import require_dag, start_run
from akrim.texts.errors import SaidError
from akrim.trust import MANIFEST, SIGNATURE

router = APIRouter()
SeesReleases = Annotated[Reader, Depends(may(Right.RELEASES))]
Decides = Annotated[Reader, Depends(may(Right.DECIDE))]
Fetches = Annotated[Reader, Depends(may(Right.FILES))]

# Of these a centre was given its part, and nothing says not to use it.
GIVEN = {"published", "superseded"}
# Of a part's files.
MANIFESTS = {MANIFEST, SIGNATURE}
ABOUT_NOBODY = {"README.md", "datapackage.json", *MANIFESTS}
# Of the linkage's quality, what a release is judged by: for all records.
MEASURES = ("recall_held_out", "precision_held_out", "parked")


class Changes(NamedTuple):
    """How many persons' places changed on a centre's list: in all, by change and by cause, and which inputs differ."""

    centre_id: str
    total: int
    by_change: list[tuple[str, int]]
    by_cause: list[tuple[str, int]]


@router.get("/releases")
def releases(request: Request, reader: SeesReleases, sort: str = "", page: Page = 1) -> Response:
    """Every release, newest first."""
    sees_all = reader.may(Right.EVERY_CENTRE)
    if not sees_all and sort.removeprefix("-") == "receipts":  # the order alone would tell of other centres'
        sort = ""
    listed = read_page(partial(ledger.list_releases, sort), page)
    gone = {row["release_id"]: _gone(_files(reader, row)) for row in listed.rows}
    return show(request, reader, "releases.html.j2", listed=listed, sort=sort, sees_all=sees_all, gone=gone)


@router.get("/releases/{release_id}")
def release(request: Request, reader: SeesReleases, release_id: str) -> Response:
    """One release: why it was held, what it changes, how well it is linked, who let it go or took it back, and who has received it."""
    row = _release(release_id)
    known, files = _known(reader, release_id), _files(reader, row)
    return show(
        request,
        reader,
        "release.html.j2",
        row=row,
        known=known,
        holds=[hold for hold in known["holds"] if _may_read(reader, hold)],
        sent=[line for line in known["sent"] if _may_see(reader, line["centre_id"])],
        changes=_changes(reader, release_id),
        came_back=_came_back(reader, row),
        others=ledger.releases_with_files(release_id),
        quality=_quality(release_id),
        quality_before=_quality(row["previous_release_id"] or ""),
        measures=MEASURES,
        files=files,
        gone=_gone(files),
        may_decide=reader.may(Right.DECIDE),
        as_read=_as_read(release_id, known["holds"]) if row["state"] == "held" else "",
        is_own=row["state"] == "held" and bool(releasing.own_requests(release_id, reader.name)),
        given=GIVEN,
        sees_all=reader.may(Right.EVERY_CENTRE),
    )


@router.get("/releases/{release_id}/changes")
def changes(
    request: Request,
    reader: SeesReleases,
    release_id: str,
    against: str,
    persons: bool = False,
    page: Page = 1,
) -> Response:
    """What differs on the lists from any other release to this one, as `akrim releases diff` has it; who may see persons, sees who, for a purpose."""
    row, earlier = _release(release_id), _release(against)
    if not (row["path"] and earlier["path"]):
        raise HTTPException(404)
    folders, sees = (Path(earlier["path"]), Path(row["path"])), partial(_may_see, reader)
    found = {centre: rows for centre, rows in releasing.changes_between(*folders).items() if sees(centre)}
    listed, purpose, with_page = None, "", set[str]()
    if persons:
        listed, purpose = list_persons(request, reader, _moved(found), page, "pages changes", release_id)
        with_page = insight.listed_among({row["person_id"] for row in listed.rows})
    return show(
        request,
        reader,
        "release_changes.html.j2",
        row=row,
        earlier=earlier,
        changes=_counted(found, filter(sees, releasing.without_list(*folders))),
        listed=listed,
        with_page=with_page,
        purpose=purpose,
        may_see_persons=reader.may(Right.PERSONS),
    )


def _counted(
    found: dict[str, list[Change]], gone: Iterable[str]
) -> list[tuple[str, int | None, list[tuple[str, int]]]]:
    """By centre, of how many persons something differs, and how often what does; of one whose list is gone, nothing."""
    counted: dict[str, tuple[int | None, list[tuple[str, int]]]] = dict.fromkeys(gone, (None, []))
    for centre_id, rows in found.items():
        by_change = Counter(change["change"] for change in rows).most_common()
        counted[centre_id] = (len({change["person_id"] for change in rows}), by_change)
    return [(centre_id, *told) for centre_id, told in sorted(counted.items())]


def _moved(found: dict[str, list[Change]]) -> list[Row]:
    """A row for each centre and person, with every way in which her place changed."""
    moved: dict[tuple[str, str], Row] = {}
    for centre_id, rows in found.items():
        for change in rows:
            row = moved.setdefault(
                (centre_id, change["person_id"]), {"centre_id": centre_id, **change, "changes": []}
            )
            row["changes"].append(change["change"])
    return list(moved.values())


@router.post("/releases/{release_id}/hold")
def hold(request: Request, reader: Decides, release_id: str, reason: Reason) -> Response:
    """Keep a release that is not out from going out, in the reader's name, until somebody lets it go."""
    releasing.hold(release_id, reader.name, reason)
    return go_to(request, f"/releases/{release_id}")


@router.post("/releases/{release_id}/approve")
def approve(
    request: Request, reader: Decides, release_id: str, reason: Reason, as_read: Annotated[str, Form()]
) -> Response:
    """Let a held release go in the reader's name; Airflow publishes and sends it, since that takes longer than a page may.

    Raises SaidError where its inputs, or why it is held, are others than on the page that the reader has read.
    """
    require_dag("publish")
    if as_read != _as_read(release_id, (ledger.history(release_id) or {}).get("holds", [])):
        raise SaidError("release_read_before", release_id, release=release_id)
    releasing.approve(release_id, reader.name, reason)
    start_run("publish", reader.name, {"release_id": release_id})
    return go_to(request, f"/releases/{release_id}")


@router.post("/releases/{release_id}/recall")
def recall(request: Request, reader: Decides, release_id: str, reason: Reason) -> Response:
    """Take a release back in the reader's name; Airflow sends the centres their notices."""
    require_dag("deliver")
    releasing.recall(release_id, reader.name, reason)
    start_run("deliver", reader.name, {})
    return go_to(request, f"/releases/{release_id}")


def _as_read(release_id: str, holds: Sequence[Row]) -> str:
    """A digest of what is let go and why it waits: a page may stay open while the release is made anew, or somebody else holds it."""
    known = [ledger.load(release_id).fingerprint, holds]
    return sha256(json.dumps(known).encode()).hexdigest()


@router.get("/releases/{release_id}/{centre_id}/{name}")
def file(request: Request, reader: Fetches, release_id: str, centre_id: str, name: str) -> Response:
    """A file of a centre's part, for who leads that centre, for a purpose that is logged before it is sent."""
    if centre_id not in reader.centres:
        raise HTTPException(403)
    found = {path.name: path for path in _files(reader, _release(release_id)).get(centre_id, [])}.get(name)
    if found is None:
        raise HTTPException(404)
    purpose = require_purpose(request, reader)
    persons = () if name in ABOUT_NOBODY else _handed_out(release_id, centre_id)
    audit.log_consultation(
        "pages releases", reader.name, purpose, persons, release_id=release_id, centre=centre_id, file=name
    )
    return FileResponse(
        found, filename=f"{release_id}-{centre_id}-{name}", headers={"cache-control": "no-store"}
    )


def _handed_out(release_id: str, centre_id: str) -> list[str]:
    """Whom the centre's files name; raises SaidError where they may not be told any more, which does not say why."""
    with warehouse.connect() as connection:
        try:
            sending.require_allowed(connection, ledger.load(release_id))
        except UserError:
            # Where a home was said to be protected, its leader might find out whose.
            raise SaidError("release_not_handed_out", release_id, release=release_id) from None
        return sending.named_to(connection, release_id, centre_id)


def _release(release_id: str) -> Row:
    for row in ledger.list_releases(release_id=release_id):
        return row
    raise HTTPException(404)


def _known(reader: Reader, release_id: str) -> Row:
    """What became of the release; who sees one centre alone is not told why it was let go or failed, which may be about others, but of recalls."""
    known = ledger.history(release_id) or {}
    untold = () if reader.may(Right.EVERY_CENTRE) else ("approvals", "failures")
    return known | {name: [line | {"reason": ""} for line in known[name]] for name in untold}


def _may_see(reader: Reader, centre_id: str) -> bool:
    """Whoever is let in by another role than as a leader sees every centre's figures."""
    return centre_id in reader.centres or reader.may(Right.EVERY_CENTRE)


def _may_read(reader: Reader, hold: Row) -> bool:
    """Whether a hold's sentence is told: one about a list or a delivery begins with its centre or agency, and has figures.

    One of a person's is in any words. What an agency has delivered the sharing matrix may keep from a centre.
    """
    about = hold["reason"].partition(":")[0]
    # Of one centre's list, or of all together; and whatever somebody has written.
    is_of_others = hold["limit_code"] in {"actors_fewer", "actors_more", "by_person"}
    return not (is_of_others or about in {*centres(), *load_contracts()}) or _may_see(reader, about)


def _changes(reader: Reader, release_id: str) -> list[Changes]:
    """What changed for each centre that the reader may see, where anything did."""
    with warehouse.connect() as connection:
        counted = count_changes(connection, release_id)
        persons = count_changed_persons(connection, release_id)
    found = []
    for centre_id, rows in groupby(counted, key=lambda row: row[0]):
        by_change: Counter[str] = Counter()
        by_cause: Counter[str] = Counter()
        for _, change, cause, number in rows:
            by_change[change] += number
            by_cause[cause] += number if cause else 0
        if _may_see(reader, centre_id):
            found.append(
                Changes(centre_id, persons[centre_id], by_change.most_common(), (+by_cause).most_common())
            )
    return found


def _came_back(reader: Reader, row: Row) -> list[tuple[str, CameBack | None]]:
    """What each centre that the reader may see has decided on the release so far; nothing where it was not given to centres."""
    if row["state"] not in GIVEN:
        return []
    with warehouse.connect() as connection:
        found = decisions_on(connection, row["release_id"])
    return [(centre_id, found.get(centre_id)) for centre_id in centres() if _may_see(reader, centre_id)]


def _quality(release_id: str) -> dict[str, Figure]:
    """The figures of all its records by measure; none where it was not linked here."""
    try:
        figures = read_quality(release_id).figures
    except UserError:
        return {}
    return {figure.measure: figure for figure in figures if figure.subgroup == "all"}


def _gone(files: dict[str, list[Path]]) -> list[str]:
    """The centres of whose part the manifest alone is left, as once it was erased."""
    return [centre for centre, paths in files.items() if all(path.name in MANIFESTS for path in paths)]


def _files(reader: Reader, row: Row) -> dict[str, list[Path]]:
    """By centre that the reader leads: the files of its part, where the release is in force or was."""
    if row["state"] not in GIVEN or not row["path"] or not reader.may(Right.FILES):
        return {}
    folders = [Path(row["path"]) / centre for centre in reader.centres]
    return {
        folder.name: sorted(path for path in folder.iterdir() if path.is_file())
        for folder in folders
        if folder.is_dir()
    }
