"""What reports refer to besides the marts: thresholds and definitions from the seeds, and the rules.

Read once per release and shared by all centres; nothing here is about a person.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import sql

from akrim import warehouse
from akrim.report.wording import Words
from akrim.rules import Rule, load_rules
from akrim.texts import Language

Row = dict[str, Any]


@dataclass(frozen=True)
class Reference:
    """The seeds' rows, by name, and the published rules."""

    language: Language
    centres: list[str]
    outcomes: dict[str, Row]
    thresholds: list[Row]
    event_caps: list[Row]
    control_ties: list[Row]
    definitions: list[Row]
    catchments: dict[str, list[str]]
    municipalities: dict[str, str]
    rules: list[Rule]

    def words(self) -> Words:
        return Words(self.language)

    def quantity(self, definition: str) -> float:
        """The number that a definition has, by its newest version."""
        versions = [row for row in self.definitions if row["definition_code"] == definition]
        return float(versions[-1]["quantity"])


def read_reference(as_of: date, language: Language) -> Reference:
    """The seeds' content, with the catchments in force on the cut-off date."""
    return Reference(
        language=language,
        centres=list(_rows_by_key("centres", "centre_id")),
        outcomes=_rows_by_key("outcome_codes", "outcome_code"),
        thresholds=_rows(
            "select thresholds.* from seeds.status_thresholds as thresholds"
            " join seeds.status_codes on proposed_status = status order by seriousness, minimum_intention_points"
        ),
        event_caps=_rows("select * from seeds.event_caps order by event"),
        control_ties=_rows("select * from seeds.control_ties order by percent desc, tie"),
        definitions=_rows("select * from seeds.definitions order by definition_code, version"),
        catchments=_catchments(as_of),
        municipalities={
            code: row["municipality_name"]
            for code, row in _rows_by_key("municipalities", "municipality_code").items()
        },
        rules=load_rules(),
    )


def _catchments(as_of: date) -> dict[str, list[str]]:
    """Each centre's municipalities on that day; assumed ones are marked with an asterisk."""
    rows = warehouse.read_arrow(
        sql.SQL(
            "select c.centre_id, m.municipality_name || case when c.basis = 'assumed' then '*' else '' end as name"
            " from seeds.centre_catchments c join seeds.municipalities m using (municipality_code)"
            " where c.valid_from::date <= {as_of} and (c.valid_to is null or c.valid_to::date > {as_of})"
        ).format(as_of=sql.Literal(as_of))
    ).to_pylist()
    names: dict[str, list[str]] = {}
    for row in rows:
        names.setdefault(row["centre_id"], []).append(row["name"])
    return {centre_id: sorted(set(municipalities)) for centre_id, municipalities in names.items()}


def _rows_by_key(seed: str, key: str) -> dict[str, Row]:
    query = sql.SQL("select * from {} order by {}").format(sql.Identifier("seeds", seed), sql.Identifier(key))
    return {row[key]: row for row in _rows(query)}


def _rows(query: str | sql.Composable) -> list[Row]:
    rows: list[Row] = warehouse.read_arrow(query).to_pylist()
    return rows
