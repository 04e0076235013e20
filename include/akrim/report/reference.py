"""What reports refer to besides the marts: names, labels, thresholds and definitions from the seeds, and the rules.

Read once per release and shared by all centres; nothing here is about a person.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import sql

from akrim import warehouse
from akrim.report.wording import Language, Words
from akrim.rules import Rule, load_rules

Row = dict[str, Any]

# Seeds with labels of their own: code list, seed, code column, prefix of the label columns.
LABELLED_SEEDS = (
    ("role", "role_codes", "role_code", "label"),
    ("measure", "measures", "measure", "name"),
    ("tie", "network_rules", "tie", "name"),
)


@dataclass(frozen=True)
class Reference:
    """The seeds' rows, by name, and the published rules."""

    language: Language
    centres: dict[str, Row]
    agencies: dict[str, Row]
    labels: dict[tuple[str, str], str]
    outcomes: dict[str, Row]
    thresholds: list[Row]
    definitions: list[Row]
    catchments: dict[str, list[str]]
    rules: list[Rule]

    def words(self) -> Words:
        names = {agency: row[f"name_{self.language}"] for agency, row in self.agencies.items()}
        rule_names = {rule.code: rule.name(self.language) for rule in self.rules}
        centres = {centre_id: self.centre_name(centre_id) for centre_id in self.centres}
        lists = {"agency": names, "rule": rule_names, "centre": centres}
        return Words(
            self.language,
            self.labels | {k: v for name in lists for k, v in _by_code(name, lists[name]).items()},
        )

    def centre_name(self, centre_id: str) -> str:
        return str(self.centres[centre_id][f"name_{self.language}"])


def read_reference(as_of: date, language: Language) -> Reference:
    """The seeds' content, with the catchments in force on the cut-off date."""
    return Reference(
        language=language,
        centres=_rows_by_key("centres", "centre_id"),
        agencies=_rows_by_key("agencies", "agency"),
        labels=_labels(language),
        outcomes=_rows_by_key("outcome_codes", "outcome_code"),
        thresholds=_rows(
            "select * from seeds.status_thresholds order by minimum_intention_points desc, proposed_status"
        ),
        definitions=_rows("select * from seeds.definitions order by definition_code, version"),
        catchments=_catchments(as_of),
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


def _labels(language: Language) -> dict[tuple[str, str], str]:
    labels = {
        (row["code_list"], row["code"]): row[f"label_{language}"]
        for row in _rows("select * from seeds.code_labels")
    }
    for code_list, seed, key, text in LABELLED_SEEDS:
        labels |= _by_code(
            code_list, {name: row[f"{text}_{language}"] for name, row in _rows_by_key(seed, key).items()}
        )
    return labels


def _by_code(code_list: str, names: dict[str, str]) -> dict[tuple[str, str], str]:
    return {(code_list, code): name for code, name in names.items()}


def _rows_by_key(seed: str, key: str) -> dict[str, Row]:
    query = sql.SQL("select * from {} order by {}").format(sql.Identifier("seeds", seed), sql.Identifier(key))
    return {row[key]: row for row in _rows(query)}


def _rows(query: str | sql.Composable) -> list[Row]:
    rows: list[Row] = warehouse.read_arrow(query).to_pylist()
    return rows
