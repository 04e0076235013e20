"""The tables' schemas in datapackage.json, as Table Schema of Data Package v2: types, constraints, keys and titles.

A closed code list has its labels as categories.
"""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from akrim.formats.dictionary import Vocabulary
from akrim.report import Words
from akrim.sharing import Mart

# The columns with a closed code list, and the list that labels them; other codes are as delivered.
CODE_LISTS = {
    "status": "status", "proposed_status": "status", "priority_code": "priority", "reason_code": "reason",
    "capacity_change": "change", "intention_change": "change", "dimension": "dimension", "checked": "checked",
    "basis": "basis", "named_because": "named_because", "involvement_code": "involvement", "outcome_code": "outcome",
    "inspection_type_code": "inspection_type", "question": "status_question", "offered_by": "centre",
    "observed_code": "observed", "source_grade": "source_grade", "information_grade": "information_grade",
    "answer": "nomination_answer",
}  # fmt: skip
PATTERNS = {"orgnr": "[0-9]{9}", "municipality_code": "[0-9]{4}", "postcode": "[0-9]{4}"}


@dataclass(frozen=True)
class Schemas:
    """Builds schemas from the vocabulary and the labels of codes in the reader's language.

    `persons` is the table that describes every person whom another one names; an enterprise may be unknown to the register.
    """

    vocabulary: Vocabulary
    words: Words
    persons: str = "persons"

    def of(self, mart: Mart, schema: pa.Schema) -> dict[str, Any]:
        """The mart's schema."""
        document: dict[str, Any] = {
            "fields": [self._field(mart, field) for field in schema],
            # No part of a primary key may be empty.
            **({"uniqueKeys": [list(mart.key)]} if mart.optional else {"primaryKey": list(mart.key)}),
        }
        if "person_id" in schema.names and mart.name != self.persons:
            reference = {"resource": self.persons, "fields": ["person_id"]}
            document["foreignKeys"] = [{"fields": ["person_id"], "reference": reference}]
        return document

    def _field(self, mart: Mart, field: pa.Field) -> dict[str, Any]:
        described: dict[str, Any] = {
            "name": field.name,
            "type": type_name(field.type),
            "title": self.vocabulary.title(field.name, self.words.language),
        }
        if description := self.vocabulary.column(mart.name, field.name):
            described["description"] = description
        if constraints := self._constraints(mart, field):
            described["constraints"] = constraints
        if pa.types.is_list(field.type):
            described["jsonSchema"] = _records(field.type.value_type)
        if codes := self._codes(field.name):
            described["categories"] = [{"value": code, "label": label} for code, label in codes.items()]
        return described

    def _constraints(self, mart: Mart, field: pa.Field) -> dict[str, Any]:
        constraints: dict[str, Any] = {}
        if field.name in (*mart.required, "release_id"):
            constraints["required"] = True
        if field.name.endswith(("_count", "_points", "_amount_nok")) or field.name in ("points", "rank"):
            constraints["minimum"] = 1 if field.name == "rank" else 0
        if field.name in PATTERNS:
            constraints["pattern"] = PATTERNS[field.name]
        if codes := self._codes(field.name):
            constraints["enum"] = list(codes)
        return constraints

    def _codes(self, column: str) -> dict[str, str]:
        return self.words.codes(CODE_LISTS[column]) if column in CODE_LISTS else {}


def type_name(kind: pa.DataType) -> str:
    """The Table Schema type of an Arrow type."""
    for is_kind, name in (
        (pa.types.is_boolean, "boolean"), (pa.types.is_integer, "integer"), (pa.types.is_floating, "number"),
        (pa.types.is_date, "date"), (pa.types.is_timestamp, "datetime"), (pa.types.is_list, "array"),
    ):  # fmt: skip
        if is_kind(kind):
            return name
    return "string"


def _records(struct: pa.StructType) -> dict[str, Any]:
    """The JSON Schema of a list of records, any field of which may be empty."""
    fields = {field.name: _json_type(field.type) for field in struct}
    return {"type": "array", "items": {"type": "object", "properties": fields}}


def _json_type(kind: pa.DataType) -> dict[str, Any]:
    """The JSON Schema type of a field of a record."""
    name = type_name(kind)
    if name == "array":
        return {"type": [name, "null"], "items": _json_type(kind.value_type)}
    return {"type": ["string", "null"], "format": "date"} if name == "date" else {"type": [name, "null"]}
