"""Which centres' parts of releases tell of a person: those that name her or what bears her name, and later ones that say what became of her.

What changed since a release that named her tells that she left; her id stands among those that were sent and are no longer.
Somebody else's correction case may tell that a record of hers is kept apart. A sole proprietorship bears its owner's name, and
reaches centres that she is not named to: as a principal, by a case or a nomination.
"""

import json
from collections.abc import Iterator, Sequence

import psycopg
import pyarrow.parquet as pq

from akrim.contracts import WITHOUT_CENTRE
from akrim.settings import get_settings

MENTIONING_FILES = ("changes.json", "corrections.json", "moved_ids.json", "delta.json")
Parts = dict[str, list[str]]


def parts_telling(
    connection: psycopg.Connection,
    person_ids: Sequence[str],
    records: Sequence[tuple[str, str, str]],
    enterprises: Sequence[str],
    taken: Sequence[tuple[str, str]] = (),
) -> Parts:
    """The centres whose parts tell of the person, of her records or of her enterprises, which bear her name, by release, the oldest first.

    Args:
        taken: the releases in which she was taken for somebody else, with that one's id: who is named there stands for both.

    Whom a part named is forgotten when it is past its limit, and later ones tell of her all the same: so each is read.
    """
    of_taken = {"releases": [release_id for release_id, _ in taken], "others": [other for _, other in taken]}
    about = {"ids": list(person_ids), "nobody": WITHOUT_CENTRE} | of_taken
    rows = connection.execute(NAMED, about).fetchall()
    told: dict[str, set[str]] = {row[0]: set() for row in connection.execute(PUBLISHED).fetchall()}
    for release_id, centre_id in rows:
        told[release_id].add(centre_id)
    # As the files have it.
    words = [*person_ids, *(json.dumps(f"{agency}/{key}") for agency, _, key in records)]
    for release_id, centre_ids in told.items():
        centre_ids.update(_mentioning(release_id, words))
        if enterprises:
            centre_ids.update(_told_of_enterprises(release_id, enterprises))
    return {release_id: sorted(centre_ids) for release_id, centre_ids in told.items() if centre_ids}


def _mentioning(release_id: str, words: Sequence[str]) -> Iterator[str]:
    for name in MENTIONING_FILES:
        for path in sorted((get_settings().releases_path / release_id).glob(f"*/{name}")):
            text = path.read_text("utf-8")
            if any(word in text for word in words):
                yield path.parent.name


def _told_of_enterprises(release_id: str, enterprises: Sequence[str]) -> Iterator[str]:
    """The centres in whose files one of these stands, or stood in the release before: every number there has a row of its own."""
    for table in sorted((get_settings().releases_path / release_id).glob("*/*/enterprises.parquet")):
        if not set(enterprises).isdisjoint(pq.read_table(table, columns=["orgnr"])["orgnr"].to_pylist()):
            yield table.parts[-3]


PUBLISHED = """
select release_id from meta.releases where published_at is not null and status <> 'erased' order by sequence
"""
NAMED = """
select n.release_id, n.centre_id from marts.named_persons as n join meta.releases as r using (release_id)
where (
    n.person_id = any(%(ids)s) or (n.release_id, n.person_id) in (select * from unnest(%(releases)s::text[], %(others)s::text[]))
) and n.centre_id <> %(nobody)s and r.published_at is not null and r.status <> 'erased'
"""
