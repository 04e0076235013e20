"""Exports persons, enterprises and roles as Beneficial Ownership Data Standard 0.4 statements (openownership.org).

The register has roles, not shares: managers and boards become interests of control, owners of sole proprietorships and
partners a right to profit. Auditors, accountants and estate administrators have no interest and are left out, as are
persons without any. Assessments are not exported.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from akrim.characters import one_line
from akrim.formats.files import export_path
from akrim.formats.registry import Format, Snapshot
from akrim.report import Words

VERSION = "0.4"
INTERESTS = {
    "DAGL": "seniorManagingOfficial", "LEDE": "boardChair", "NEST": "boardMember", "MEDL": "boardMember",
    "VARA": "boardMember", "INNH": "rightsToProfitOrIncome", "DTPR": "rightsToProfitOrIncome",
    "DTSO": "rightsToProfitOrIncome",
}  # fmt: skip
ORGNR_SCHEME = "NO-BRC"


def write(folder: Path, snapshot: Snapshot) -> None:
    """Write exports/bods.json, an array of statements: enterprises, then persons, then relationships."""
    tables, words = snapshot.tables, snapshot.words
    about = {"as_of": snapshot.pins.as_of.isoformat(), "publisher": snapshot.head["centre"]}
    described = {row["orgnr"]: row for row in tables["enterprises"].to_pylist()}
    persons = {row["person_id"]: row for row in tables["persons"].to_pylist()}
    roles = [
        row
        for row in tables["roles"].to_pylist()
        if row["role_code"] in INTERESTS and row["orgnr"] in described and row["person_id"] in persons
    ]
    roles.sort(key=lambda row: (row["orgnr"], row["person_id"], row["role_id"]))
    statements: dict[str, dict[str, Any]] = {}
    for orgnr in dict.fromkeys(row["orgnr"] for row in roles):
        statements[orgnr] = _statement("entity", orgnr, _entity(described[orgnr]), orgnr, about)
    for row in roles:
        person_id, orgnr = row["person_id"], row["orgnr"]
        statements.setdefault(
            person_id, _statement("person", person_id, _person(persons[person_id]), orgnr, about)
        )
        tie = f"{orgnr} {person_id}"
        if tie not in statements:
            statements[tie] = _statement("relationship", tie, _relationship(orgnr, person_id), orgnr, about)
        statements[tie]["recordDetails"]["interests"].append(_interest(row, words))
    document = json.dumps(list(statements.values()), indent=1) + "\n"
    export_path(folder, "bods.json").write_text(document, encoding="utf-8")


FORMAT = Format("bods", write, on_request=True)


def _statement(
    kind: str, record: str, details: dict[str, Any], subject: str, about: dict[str, str]
) -> dict[str, Any]:
    digest = hashlib.sha256(f"{about['as_of']} {kind} {record}".encode()).hexdigest()
    return {
        "statementId": f"akrim-{digest[:48]}",
        "declarationSubject": _record_id("entity", subject),
        "statementDate": about["as_of"],
        "recordId": _record_id(kind, record),
        "recordType": kind,
        "recordStatus": "new",
        "recordDetails": details,
        "publicationDetails": {
            "publicationDate": about["as_of"],
            "bodsVersion": VERSION,
            "publisher": {"name": about["publisher"]},
        },
        "source": {"type": ["officialRegister"], "description": "Enhetsregisteret"},
    }


def _record_id(kind: str, record: str) -> str:
    return f"{kind}-{record.replace(' ', '-')}"


def _entity(row: dict[str, Any]) -> dict[str, Any]:
    return _filled(
        isComponent=False,
        entityType={"type": "registeredEntity"},
        name=one_line(row["enterprise_name"]),
        jurisdiction={"name": "Norway", "code": "NO"},
        identifiers=[{"id": row["orgnr"], "scheme": ORGNR_SCHEME, "schemeName": "Enhetsregisteret"}],
        foundingDate=_day(row["founded_date"]),
        dissolutionDate=_day(row["deleted_date"]),
    )


def _person(row: dict[str, Any]) -> dict[str, Any]:
    name = one_line(row["full_name"])
    given = " ".join(part for part in map(one_line, (row["given_name"], row["middle_name"])) if part)
    named = _filled(type="legal", fullName=name, givenName=given, familyName=one_line(row["family_name"]))
    return _filled(
        isComponent=False,
        personType="knownPerson",
        names=[named] if name else None,
        birthDate=_day(row["birth_date"]),
    )


def _relationship(orgnr: str, person_id: str) -> dict[str, Any]:
    return {
        "isComponent": False,
        "subject": _record_id("entity", orgnr),
        "interestedParty": _record_id("person", person_id),
        "interests": [],
    }


def _interest(row: dict[str, Any], words: Words) -> dict[str, Any]:
    return _filled(
        type=INTERESTS[row["role_code"]],
        directOrIndirect="direct",
        beneficialOwnershipOrControl=False,
        details=words.label("role", row["role_code"]),
        startDate=_day(row["valid_from"]),
        endDate=_day(row["valid_to"]),
    )


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None


def _filled(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "")}
