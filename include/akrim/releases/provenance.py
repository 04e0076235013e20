"""pins.json: what a release and every release before it were made from, so that another machine can build it again.

It holds what deliveries, code and model do not: clerks' verdicts and drawn samples, correction cases, and which release's
persons each one started from. It names records and those who decided, so it lies beside the release's manifest, which
stays at the installation, and in no centre's folder.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg.rows import dict_row

from akrim import linkage, warehouse
from akrim.deliveries.decisions.seal import form_key
from akrim.errors import UserError
from akrim.formats import as_json
from akrim.ledger import Pins
from akrim.releases.pinned import check_form
from akrim.trust.documents import parse, read_limited
from akrim.trust.files import MANIFEST, find_problems, read_manifest
from akrim.trust.keyring import read_trust

PINS = "pins.json"
# Every verdict and drawn sample since the first release: a clerk's work of many years.
LARGEST_PINS = 512 * 1024 * 1024


@dataclass(frozen=True)
class Chain:
    """A release's pins.json: `releases` oldest first, the release itself last; the rows of the tables that they pinned.

    `forms` are the decision forms among the deliveries, by delivery id: their file names and when they came. `form_keys`
    seal each release's own forms, in hexadecimal; releases of older versions have none.
    """

    release_id: str
    releases: list[dict[str, Any]]
    link_decisions: list[dict[str, Any]]
    review_samples: list[dict[str, Any]]
    review_sample_records: list[dict[str, Any]]
    forms: dict[str, dict[str, str]]
    form_keys: dict[str, str] = field(default_factory=dict)


def write_pins(folder: Path, pins: Pins) -> None:
    """Write the file for a release that has its serial; the same for the same history, without any clock."""
    with warehouse.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
        releases = cursor.execute(RELEASES, [pins.release_id]).fetchall()
        document = {
            "release_id": pins.release_id,
            "releases": releases,
            **linkage.read_verdicts(connection, releases[-1]["last_decision_id"]),
            "form_keys": {row["release_id"]: form_key(row["release_id"]).hex() for row in releases},
            "forms": dict(connection.execute(FORMS, [pins.deliveries.get("sentrene", [])]).fetchall()),
        }
    (folder / PINS).write_text(as_json(document), encoding="utf-8")


def read_chain(folder: Path, keys: Path) -> Chain:
    """The pins of a release's folder, after its signatures and its files were checked.

    Args:
        folder: releases/<release_id>, whole.
        keys: the folder with the public keys that it must be signed with.

    Raises Refused where it is not signed with them, UserError where the files are not what the manifests say, hold no
    pins, or pins of another form.
    """
    trust = read_trust(keys, [folder.resolve().parent])
    for manifest in [folder / MANIFEST, *sorted(folder.glob(f"*/{MANIFEST}"))]:
        trust.check(manifest)
    problems = find_problems(folder)
    if problems or not (folder / PINS).is_file():
        raise _no_pins(
            folder,
            "; ".join(map(str, problems[:3]))
            or f"there is no {PINS}: it is a centre's part, or of an older version",
        )
    try:
        document = parse(read_limited(folder / PINS, LARGEST_PINS))
        check_form(document)
    except ValueError as error:
        raise _no_pins(folder, f"{PINS}: {error}") from None
    if document["release_id"] != read_manifest(folder).get("release_id"):
        raise _no_pins(folder, f"{PINS} is another release's")
    return Chain(**document)


def _no_pins(folder: Path, why: str) -> UserError:
    return UserError(
        f"The release cannot be built again: {why}.",
        str(folder),
        f"Give the whole release: the folder with {PINS} beside {MANIFEST}.",
    )


def pinned_form_keys(folder: Path) -> dict[str, str]:
    """The keys that seal the forms of a release here and of those before it; none where an older version made it."""
    try:
        keys = json.loads((folder / PINS).read_bytes()).get("form_keys", {})
    except (OSError, ValueError, AttributeError):
        return {}  # what is wrong with its files is for the comparison to tell
    return dict(keys)


RELEASES = """
with recursive chain as (
    select r.*, 0 as back from meta.releases as r where release_id = %s
    union all
    select b.*, c.back + 1 from chain as c join meta.releases as b on b.release_id = c.base_release_id
)
select release_id, period, revision, serial, fingerprint, base_release_id, previous_release_id, last_period_release_id,
    pins as inputs,
    (select coalesce(max(decision_id), 0) from linkage.link_decisions as d where d.decided_at <= c.reserved_at)
        as last_decision_id
from chain as c order by back desc
"""
FORMS = """
select delivery_id, jsonb_build_object('name', manifest -> 'files' -> 0 ->> 'name', 'delivered_at', manifest ->> 'delivered_at')
from meta.deliveries where status = 'accepted' and delivery_id = any(%s) and delivery_id ~ '[.][0-9]+-[a-z]+-[0-9a-f]{12}$'
order by delivery_id
"""
