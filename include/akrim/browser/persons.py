"""The pages of actors, for a purpose and logged: a search among all on the centres' lists, and all that is known of one."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response

from akrim import audit, insight
from akrim.browser.access import Reader, Right, may
from akrim.browser.purposes import require_purpose
from akrim.browser.rendering import language_of, page_at, show
from akrim.texts import texts

router = APIRouter()
SeesPersons = Annotated[Reader, Depends(may(Right.PERSONS))]


@router.get("/persons")
def search_form(request: Request, reader: SeesPersons) -> Response:
    """Where a search begins."""
    require_purpose(request, reader)
    return show(
        request, reader, "persons.html.j2", asked="", found=None, groups=None, most=insight.MOST_FOUND
    )


@router.post("/persons")
def search(
    request: Request, reader: SeesPersons, asked: Annotated[str, Form(min_length=2, max_length=100)]
) -> Response:
    """Whom the text finds; asked by a form, so that no name stands in an address or in a server's log."""
    here = page_at(request, "/persons")
    purpose = require_purpose(request, reader, then=here)
    found, groups = insight.find_persons(asked), insight.find_groups(asked)
    persons = [row["person_id"] for row in found]
    audit.log_consultation(
        "pages persons", reader.name, purpose, persons, found=len(found), groups=len(groups)
    )
    return show(
        request,
        reader,
        "persons.html.j2",
        at=here,
        asked=asked,
        found=found,
        groups=groups,
        most=insight.MOST_FOUND,
    )


@router.get("/persons/{asked_for}")
def person(request: Request, reader: SeesPersons, asked_for: str, centre: str = "") -> Response:
    """One person: what a centre's report says, the lists over the releases, how records became this person, and who has received what."""
    purpose = require_purpose(request, reader)
    language, found = language_of(request), insight.find_persons(asked_for, is_id=True)
    if not found:
        raise HTTPException(404)
    chosen = _chosen(centre, found[0]["centres"])
    person_id, release_id = found[0]["person_id"], found[0]["release_id"]
    here = page_at(request, "/persons/")
    profile = insight.read_profile(person_id, release_id, chosen, language, here)
    known = insight.read_explanation(person_id, release_id, language, reader.name, purpose, profile.persons)
    records = {(record["source"], record["source_record_id"]) for record in known["records"]}
    return show(
        request,
        reader,
        "person.html.j2",
        person=found[0],
        known=known | {"asked_for": asked_for},
        chosen=chosen,
        said=profile.said,
        groups=insight.read_groups_of(person_id),
        words=texts(language, "subject")["codes"],
        course=insight.read_course(person_id, records),
        purpose=purpose,
    )


@router.get("/groups/{group_id}")
def group(request: Request, reader: SeesPersons, group_id: str, centre: str = "") -> Response:
    """One network or enterprise: what a centre's report says, whom it is made of, the lists over the releases, and who has received it."""
    purpose = require_purpose(request, reader)
    found = insight.read_group(group_id)
    if found is None:
        raise HTTPException(404)
    language, course = language_of(request), insight.read_group_course(group_id)
    chosen = _chosen(centre, found["centres"])
    here = page_at(request, "/persons/")
    profile = insight.read_group_profile(group_id, found["release_id"], chosen, language, here)
    persons = {*profile.persons, *(member["person_id"] for member in course["members"])}
    audit.log_consultation(
        "pages groups", reader.name, purpose, persons, release_id=found["release_id"], group=group_id
    )
    return show(
        request,
        reader,
        "group.html.j2",
        group=found,
        chosen=chosen,
        said=profile.said,
        words=texts(language, "subject")["codes"],
        course=course,
        purpose=purpose,
    )


def _chosen(centre: str, centres: Sequence[str]) -> str:
    """The centre whose report is shown: the one asked for, or the first on whose list it is."""
    if centre and centre not in centres:
        raise HTTPException(404)
    return centre or centres[0]
