"""pins.json: the inputs of a release and of every release before it, so that another machine can build it again.

It holds what deliveries, code and model do not: clerks' verdicts and review samples, correction cases, and the release
that each one started from. It names records and clerks, so it lies beside the release's manifest, in no centre's folder.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from akrim import warehouse
from akrim.contracts import DECISIONS_SENDER
from akrim.errors import UserError
from akrim.formats import as_json
from akrim.keys import form_key
from akrim.ledger import Pins
from akrim.linkage.store import read_verdicts
from akrim.releases.provenance.schema import check_pins
from akrim.trust import MANIFEST, find_problems, manifests_of, parse, read_limited, read_manifest
from akrim.trust.keyring import read_trust

PINS = "pins.json"
# Every verdict and review sample since the first release, of many years.
MAX_PINS_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True)
class Provenance:
    """The content of pins.json: `releases` oldest first, the release itself last, and the rows that they pinned.

    `forms`: the decision forms among the deliveries, by delivery id, with file name and time of delivery. `form_keys`: each
    release's key for sealing forms, in hexadecimal; older versions have none.
    """

    release_id: str
    releases: list[dict[str, Any]]
    link_decisions: list[dict[str, Any]]
    review_samples: list[dict[str, Any]]
    review_sample_records: list[dict[str, Any]]
    forms: dict[str, dict[str, str]]
    form_keys: dict[str, str] = field(default_factory=dict)


def write_pins(folder: Path, pins: Pins) -> None:
    """Write pins.json of a release that has its serial; the same history gives the same bytes."""
    with warehouse.connect() as connection:
        releases = warehouse.read_rows(connection, RELEASES, [pins.release_id])
        document = {
            "release_id": pins.release_id,
            "releases": releases,
            **read_verdicts(connection, releases[-1]["last_decision_id"]),
            "form_keys": {row["release_id"]: form_key(row["release_id"]).hex() for row in releases},
            "forms": dict(connection.execute(FORMS, [pins.deliveries.get(DECISIONS_SENDER, [])]).fetchall()),
        }
    (folder / PINS).write_text(as_json(document), encoding="utf-8")


def read_provenance(folder: Path, keys: Path) -> Provenance:
    """Read pins.json of a release's folder, after checking signatures and files.

    Args:
        folder: releases/<release_id>, whole.
        keys: the folder with the public keys that it must be signed with.

    Raises Refused where it is not signed with them, UserError where files do not match the manifests or pins.json is
    missing or malformed.
    """
    trust = read_trust(keys, [folder.resolve().parent])
    for manifest in manifests_of(folder):
        trust.check(manifest)
    problems = find_problems(folder)
    if problems or not (folder / PINS).is_file():
        raise _not_reproducible(
            folder,
            "; ".join(map(str, problems[:3]))
            or f"there is no {PINS}: it is a centre's part, or made by an older version",
        )
    try:
        document = parse(read_limited(folder / PINS, MAX_PINS_BYTES))
        check_pins(document)
    except ValueError as error:
        raise _not_reproducible(folder, f"{PINS}: {error}") from None
    if document["release_id"] != read_manifest(folder).get("release_id"):
        raise _not_reproducible(folder, f"{PINS} belongs to another release")
    return Provenance(**document)


def _not_reproducible(folder: Path, why: str) -> UserError:
    return UserError(
        f"The release cannot be rebuilt: {why}.",
        str(folder),
        f"Give the whole release: the folder with {PINS} beside {MANIFEST}.",
    )


def pinned_form_keys(folder: Path) -> dict[str, str]:
    """The form keys of a release in this installation and of those before it; none if made by an older version."""
    try:
        keys = json.loads((folder / PINS).read_bytes()).get("form_keys", {})
    except (OSError, ValueError, AttributeError):
        return {}  # the comparison reports what is wrong with the files
    return dict(keys)


RELEASES = """
with recursive chain as (
    select r.*, 0 as back from meta.releases as r where release_id = %s
    union all
    select b.*, c.back + 1 from chain as c join meta.releases as b on b.release_id = c.base_release_id
)
select release_id, period, revision, serial, fingerprint, base_release_id, previous_release_id, last_period_release_id,
    pins as inputs, last_decision_id
from chain as c order by back desc
"""
FORMS = """
select delivery_id, jsonb_build_object('name', manifest -> 'files' -> 0 ->> 'name', 'delivered_at', manifest ->> 'delivered_at')
from meta.deliveries where status = 'accepted' and delivery_id = any(%s) and delivery_id ~ '[.][0-9]+-[a-z]+-[0-9a-f]{12}$'
order by delivery_id
"""
