"""Exports persons, enterprises and roles as FollowTheMoney entities (followthemoney.tech), one JSON object a line.

Points, statuses and topics are not exported: a graph tool would show an assessment as a fact. Hidden characters are
removed from names.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from akrim.characters import one_line
from akrim.formats.files import export_path
from akrim.formats.registry import Format, Snapshot
from akrim.report import Words

# The schema of a role and the properties of its two ends; any other role is a directorship.
OWNERSHIP = ("Ownership", "owner", "asset")
REPRESENTATION = ("Representation", "agent", "client")
DIRECTORSHIP = ("Directorship", "director", "organization")
SCHEMAS = dict.fromkeys(("INNH", "DTPR", "DTSO"), OWNERSHIP) | dict.fromkeys(
    ("REVI", "REGN", "BOBE"), REPRESENTATION
)


def write(folder: Path, snapshot: Snapshot) -> None:
    """Write exports/ftm.jsonl: persons first, then enterprises, then roles, each in the order of their ids."""
    tables, words = snapshot.tables, snapshot.words
    described = set(tables["enterprises"]["orgnr"].to_pylist())
    roles = [row for row in tables["roles"].to_pylist() if row["orgnr"] in described]
    entities = (
        *map(_person, tables["persons"].to_pylist()),
        *map(_enterprise, tables["enterprises"].to_pylist()),
        *(_role(row, words) for row in roles),
    )
    lines = "".join(json.dumps(entity) + "\n" for entity in entities)
    export_path(folder, "ftm.jsonl").write_text(lines, encoding="utf-8")


FORMAT = Format("ftm", write, on_request=True)


def _person(row: dict[str, Any]) -> dict[str, Any]:
    return _entity(
        row["person_id"],
        "Person",
        name=row["full_name"],
        firstName=row["given_name"],
        middleName=row["middle_name"],
        lastName=row["family_name"],
        birthDate=row["birth_date"],
        address=_address(row["street_address"], row["postcode"], row["municipality_name"]),
    )


def _enterprise(row: dict[str, Any]) -> dict[str, Any]:
    return _entity(
        _enterprise_id(row["orgnr"]),
        "Company",
        name=row["enterprise_name"],
        registrationNumber=row["orgnr"],
        legalForm=row["legal_form_code"],
        jurisdiction="no",
        incorporationDate=row["founded_date"],
        dissolutionDate=row["deleted_date"],
        sector=row["industry_name"],
        address=_address(row["street_address"], row["postcode"], row["city"]),
    )


def _role(row: dict[str, Any], words: Words) -> dict[str, Any]:
    schema, person_property, enterprise_property = SCHEMAS.get(row["role_code"], DIRECTORSHIP)
    return _entity(
        f"role-{row['role_id']}",
        schema,
        role=words.label("role", row["role_code"]),
        startDate=row["valid_from"],
        endDate=row["valid_to"],
        **{person_property: row["person_id"], enterprise_property: _enterprise_id(row["orgnr"])},
    )


def _enterprise_id(orgnr: str) -> str:
    return f"no-orgnr-{orgnr}"


def _address(*parts: str | None) -> str:
    return ", ".join(part for part in map(one_line, parts) if part)


def _entity(entity_id: str, schema: str, **properties: Any) -> dict[str, Any]:
    return {"id": entity_id, "schema": schema, "properties": dict(_filled(properties))}


def _filled(properties: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for name, value in properties.items():
        text = one_line(str(value)) if value is not None else ""
        if text:
            yield name, [text]
