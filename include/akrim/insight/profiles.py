"""A person's or a group's part of a centre's report, read for the page of that one alone."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from akrim import ledger
from akrim.report import (
    Block,
    Reference,
    SentPart,
    Words,
    clean,
    group_profile,
    person_profile,
    place_of,
    read_reference,
    render_blocks,
)
from akrim.sharing import Tables, has_kept_rows, sent_about_group, sent_about_person, sent_list
from akrim.texts import Language


class Profile(NamedTuple):
    """What a centre's report says, as HTML, and the ids of the persons whom that names."""

    said: Markup
    persons: list[str]


NOTHING = Profile(Markup(), [])


def read_profile(
    person_id: str, release_id: str, centre_id: str, language: Language, address: str
) -> Profile:
    """The report's profile of a person, as the centre was told of that release; nothing where its list is here no more.

    Args:
        address: of a person's page, without the id.
    """
    if not has_kept_rows():
        return NOTHING
    listed = sent_list(release_id, centre_id)
    persons = listed["person_id"].to_pylist()
    if person_id not in persons:
        return NOTHING
    place, near = place_of(person_id, listed)
    part = _part(release_id, centre_id, {other: address + other for other in persons})
    tables = sent_about_person(release_id, centre_id, near)
    blocks = person_profile(person_id, place, tables, part, _reference(release_id, language))
    return _profile(blocks, tables, language)


def read_group_profile(
    group_id: str, release_id: str, centre_id: str, language: Language, address: str
) -> Profile:
    """What the report says of a network or an enterprise; arguments as of `read_profile`."""
    if not has_kept_rows():
        return NOTHING
    tables = sent_about_group(release_id, centre_id, group_id)
    members = tables["group_members"]["person_id"].to_pylist()
    part = _part(release_id, centre_id, {member: address + member for member in members})
    return _profile(group_profile(group_id, tables, part, _reference(release_id, language)), tables, language)


def _profile(blocks: Sequence[Block], tables: Tables, language: Language) -> Profile:
    """The rendered blocks; of the persons whose names were read for them, those whose name is there to be read."""
    said = render_blocks(blocks, Words(language))
    named = tables["persons"].select(["person_id", "full_name"]).to_pylist()
    shown = ((row["person_id"], escape(clean(row["full_name"]))) for row in named)
    return Profile(said, [person_id for person_id, name in shown if name and name in said])


def _part(release_id: str, centre_id: str, addresses: dict[str, str]) -> SentPart:
    pins = ledger.load(release_id)
    with_measures = pins.inputs.get("settings", {}).get("recommended_measures", False)
    return SentPart(release_id, str(pins.period), pins.as_of, centre_id, with_measures, addresses)


# Of a release that is out neither seeds nor rules change before another program serves the pages.
@lru_cache(maxsize=16)
def _reference(release_id: str, language: Language) -> Reference:
    return read_reference(ledger.load(release_id).as_of, language)
