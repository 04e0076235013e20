"""The pages of persons: a search among those on the centres' lists, and all that is known of one; for a purpose, and logged."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response

from akrim import audit, insight, warehouse
from akrim.browser.access import Reader, Right, may
from akrim.browser.purposes import ask_purpose, purpose_of
from akrim.browser.rendering import language_of, show
from akrim.report import Words
from akrim.report import found as said
from akrim.texts import texts

router = APIRouter()
SeesPersons = Annotated[Reader, Depends(may(Right.PERSONS))]


@router.get("/persons")
def search_form(request: Request, reader: SeesPersons) -> Response:
    """Where a search begins."""
    if not purpose_of(request, reader):
        return ask_purpose(request, reader)
    return show(request, reader, "persons.html.j2", asked="", found=None, most=insight.MOST_FOUND)


@router.post("/persons")
def search(
    request: Request, reader: SeesPersons, asked: Annotated[str, Form(min_length=2, max_length=100)]
) -> Response:
    """Whom the text finds; asked by a form, so that no name stands in an address or in a server's log."""
    here = f"{request.scope['root_path']}/persons"
    purpose = purpose_of(request, reader)
    if not purpose:
        return ask_purpose(request, reader, then=here)
    found = insight.find_persons(asked)
    with warehouse.connect() as connection:
        told = {"command": "pages persons", "found": len(found)}
        persons = [row["person_id"] for row in found]
        audit.record(
            connection, audit.Event("consultation", reader.name, purpose, detail=told, persons=persons)
        )
    return show(
        request, reader, "persons.html.j2", at=here, asked=asked, found=found, most=insight.MOST_FOUND
    )


@router.get("/persons/{person_id}")
def person(request: Request, reader: SeesPersons, person_id: str) -> Response:
    """One person: on which lists and why, over the releases, how records became this person, and who has received what."""
    purpose = purpose_of(request, reader)
    if not purpose:
        return ask_purpose(request, reader)
    language, found = language_of(request), insight.find_persons(person_id, is_id=True)
    if not found:
        raise HTTPException(404)
    known = insight.read_explanation(found[0]["person_id"], "", language, reader.name, purpose)
    records = {(record["source"], record["source_record_id"]) for record in known["records"]}
    observations, words = known["observations"], Words(language)
    return show(
        request,
        reader,
        "person.html.j2",
        person=found[0],
        known=known | {"asked_for": person_id},
        fired=[
            (row["points"], row["indicator_code"], said(row, words), row["evidence"])
            for row in observations
            if row["checked"] == "fired"
        ],
        unavailable=[
            words.label("rule", row["indicator_code"])
            for row in observations
            if row["checked"] == "unavailable"
        ],
        words=texts(language, "subject")["codes"],
        course=insight.read_course(known["person_id"], records),
        purpose=purpose,
    )
