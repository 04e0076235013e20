"""A centre's tables, looked up by person and by enterprise.

Only the rows of persons on the list become Python objects: a centre may have many more persons than that.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from akrim.report.withheld import ASSESSMENT, withheld_from
from akrim.report.wording import clean
from akrim.rules import Rule
from akrim.sharing import Tables

Row = dict[str, Any]


def rows_by(table: pa.Table, column: str, wanted: Iterable[str] | None = None) -> dict[str, list[Row]]:
    """The table's rows grouped by a column; only those with a wanted value, if given."""
    if wanted is not None:
        table = table.filter(pc.is_in(table[column], pa.array(list(wanted), pa.string())))
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in table.to_pylist():
        grouped[row[column]].append(row)
    return grouped


class Facts:
    """What is known about the persons on the list.

    Args:
        tables: the centre's tables.
        anchors: the persons it is about, each with where the profile is, or nothing where there is none.
        as_of: the cut-off date; what happened later is not shown.
        outcomes: the outcome codes, with what each means for the person.
        rules: the published rules.
        thresholds: what each proposed status takes.
    """

    def __init__(
        self,
        tables: Tables,
        anchors: Mapping[str, str],
        as_of: date,
        outcomes: dict[str, Row],
        rules: list[Rule],
        thresholds: Iterable[Row] = (),
    ) -> None:
        self.as_of = as_of
        self._outcomes = outcomes
        self.rules = {rule.code: rule for rule in rules}
        self.thresholds = list(thresholds)
        self.anchors = anchors
        person_ids = list(anchors)
        self._withheld = withheld_from(tables, ASSESSMENT)
        self._ages = {row["agency"]: row for row in tables["delivery_ages"].to_pylist()}
        self._extracts = rows_by(tables["extract_ages"], "agency")
        self.persons = {row["person_id"]: row for row in _only(tables["persons"], person_ids)}
        self.roles = rows_by(tables["roles"], "person_id", person_ids)
        self.bankruptcies = rows_by(tables["bankruptcy_involvements"], "person_id", person_ids)
        self.cases = rows_by(tables["offence_cases"], "person_id", person_ids)
        self.observations = rows_by(tables["indicator_observations"], "person_id", person_ids)
        for row in chain.from_iterable(self.observations.values()):
            row["evidence"] = json.loads(row["evidence"] or "[]")
            row["events"] = json.loads(row["events"] or "[]")
        self.decisions = rows_by(tables["prioritisations"], "person_id", person_ids)
        orgnrs = {role["orgnr"] for roles in self.roles.values() for role in roles}
        orgnrs |= {tie["orgnr"] for tie in tables["straw_man_ties"].to_pylist()}
        orgnrs |= {case["orgnr"] for cases in self.cases.values() for case in cases if case["orgnr"]}
        # What is led through others stands in the evidence alone.
        told = orgnrs | {
            orgnr
            for row in chain.from_iterable(self.observations.values())
            for item in row["evidence"]
            for orgnr in (item.get("orgnr"), *(item.get("through") or ()))
        }
        self.enterprises = {
            rows[0]["orgnr"]: rows[0] for rows in rows_by(tables["enterprises"], "orgnr", told).values()
        }
        self.inspections = rows_by(tables["inspections"], "orgnr", orgnrs)
        self.holders = _holders(tables, orgnrs)
        self.fronts = tables["straw_man_ties"].to_pylist()
        self.names = _names(tables["persons"], self.holders, self.fronts)
        self.ties = tables["network_ties"].to_pylist()
        listed = rows_by(tables["assessments"], "person_id", person_ids)
        self.assessments = {person_id: rows[0] for person_id, rows in listed.items()}
        self.disputes = {person_id: disputes_of(row) for person_id, row in self.assessments.items()}
        self.coordination = rows_by(tables["coordination"], "person_id", person_ids)
        changes = rows_by(tables["actor_changes"], "person_id", person_ids)
        self.since_decision = {row["decision_id"]: row for rows in changes.values() for row in rows}
        for row in chain.from_iterable(self.coordination.values()):
            row["open_matters_by_agency"] = json.loads(row["open_matters_by_agency"] or "[]")

    def inspections_of(self, person_id: str) -> list[Row]:
        """Inspections of enterprises in which the person held a role on the day, newest first.

        What the person disputes is left out, for this person alone; so it is in `enterprises_of`.
        """
        found = {
            inspection["inspection_id"]: inspection
            for role in self.roles[person_id]
            for inspection in self.inspections[role["orgnr"]]
            if is_held_on(role, inspection["inspection_date"])
            and not self.is_disputed(person_id, "arbeidstilsynet", "tilsyn", inspection["inspection_id"])
        }
        return sorted(
            found.values(), key=lambda row: (row["inspection_date"], row["inspection_id"]), reverse=True
        )

    def enterprises_of(self, person_id: str) -> dict[str, Row]:
        """The enterprises in which the person held a role, by number."""
        return {
            role["orgnr"]: self.enterprises[role["orgnr"]]
            for role in self.roles[person_id]
            if role["orgnr"] in self.enterprises
            and not self.is_disputed(person_id, "brreg", "enheter", role["orgnr"])
        }

    def led_now(self, person_id: str) -> list[Row]:
        """The enterprises in operation that the person leads on the cut-off date."""
        led = {role["orgnr"] for role in self.roles[person_id] if role["is_leading"] and role["is_active"]}
        return [
            enterprise
            for orgnr, enterprise in sorted(self.enterprises_of(person_id).items())
            if orgnr in led
            and not enterprise["is_bankrupt"]
            and not enterprise["deleted_date"]
            and not enterprise["is_winding_up"]
            and not enterprise["is_compulsory_dissolution"]
        ]

    def is_disputed(self, person_id: str, agency: str, extract: str, source_row_id: str) -> bool:
        """Whether the person disputes an agency's row, or such a dispute was upheld."""
        row = (agency, extract, source_row_id)
        return any(
            (d["agency"], d["extract"], d.get("source_row_id")) == row
            for d in self.disputes.get(person_id, [])
        )

    def fired(self, person_id: str) -> list[Row]:
        """The person's observations that fired, most points first."""
        rows = [row for row in self.observations[person_id] if row["checked"] == "fired"]
        return sorted(rows, key=lambda row: (-(row["points"] or 0), row["indicator_code"]))

    def totals(self, person_id: str) -> dict[str, int]:
        """The person's points of intention and capacity, and the areas in which rules of intention gave any."""
        assessment = self.assessments[person_id]
        areas = {
            row["area"] for row in self.fired(person_id) if row["dimension"] == "intention" and row["points"]
        }
        return {
            "intention": assessment["intention_points"],
            "capacity": assessment["capacity_points"],
            "areas": len(areas),
        }

    def fronts_of(self, person_id: str) -> list[Row]:
        """Who stands in for the person and for whom the person stands in, by enterprise."""
        own = [tie for tie in self.fronts if person_id in (tie["person_id"], tie["front_person_id"])]
        return sorted(
            own, key=lambda tie: (tie["front_person_id"] == person_id, tie["orgnr"], tie["front_person_id"])
        )

    def wanting(self, agency: str, rule: Rule) -> list[tuple[str, Row]]:
        """Why the agency's data do not let the rule be checked: it is missing or too old as a whole, or extracts are wanting.

        Each reason comes with its row, which names an extract or, of a whole agency, none.
        """
        age = self._ages.get(agency)
        if age is None:
            return []
        if age["is_missing"] or age["is_stale"]:
            whole = age | {"extract": None, "rows": None, "rows_usual": None}
            return [("missing" if age["is_missing"] else "stale", whole)]
        needed = (row for row in self._extracts[agency] if f"{agency}/{row['extract']}" in rule.extracts)
        found = [(row["unavailable_because"], row) for row in needed if row["unavailable_because"]]
        return sorted(found, key=lambda reason: reason[1]["extract"])

    def withheld_agencies(self, rule: Rule) -> list[str]:
        """The agencies of whose data the assessment was made without what the rule needs."""
        return [
            agency
            for agency in sorted(rule.agencies)
            if rule.code in self._withheld.rules and agency in {of for of, _ in self._withheld.data}
        ]

    def is_closed_without_guilt(self, case: Row) -> bool:
        """Whether the case was dropped or ended in acquittal."""
        outcome = self._outcomes.get(case["outcome_code"])
        return bool(outcome and (outcome["is_dropped"] or outcome["speaks_for_person"]))

    def enterprise_name(self, orgnr: str) -> str | None:
        enterprise = self.enterprises.get(orgnr)
        return enterprise["enterprise_name"] if enterprise else None


def disputes_of(assessment: Row) -> list[Row]:
    """The open and upheld disputes of a person on a list."""
    disputes: list[Row] = json.loads(assessment["disputes"])
    return disputes


def newest_first(decisions: list[Row]) -> list[Row]:
    """Decisions by date, newest first; by id within a day."""
    return sorted(decisions, key=lambda row: (str(row["decided_date"]), row["decision_id"]), reverse=True)


def is_held_on(role: Row, day: date) -> bool:
    """Whether the role was held on that day; without an end date it still is."""
    starts, ends = role["valid_from"], role["valid_to"]
    return (starts is None or starts <= day) and (ends is None or day < ends)


def _holders(tables: Tables, orgnrs: set[str]) -> dict[str, list[Row]]:
    """The roles in these enterprises; of counterparts and of who stands in for another, whose roles are not told, the ties."""
    holders = rows_by(tables["roles"].filter(pc.is_valid(tables["roles"]["person_id"])), "orgnr", orgnrs)
    own = set(tables["roles"]["person_id"].to_pylist())
    held = {(role["person_id"], orgnr) for orgnr, roles in holders.items() for role in roles}
    ties = [
        (tie["from_id"], tie["to_id"])
        for tie in tables["network_ties"].to_pylist()
        if tie["from_kind"] == "person" and tie["from_id"] not in own
    ]
    ties += [(tie["front_person_id"], tie["orgnr"]) for tie in tables["straw_man_ties"].to_pylist()]
    for person_id, orgnr in dict.fromkeys(ties):
        if orgnr in orgnrs and (person_id, orgnr) not in held:
            role = {"person_id": person_id, "orgnr": orgnr, "is_leading": True}
            holders.setdefault(orgnr, []).append(role)
    return holders


def _names(persons: pa.Table, holders: dict[str, list[Row]], fronts: list[Row]) -> dict[str, str]:
    """The names of everybody with a role in one of the enterprises, or who stands in for somebody."""
    wanted = {role["person_id"] for roles in holders.values() for role in roles}
    wanted |= {tie[side] for tie in fronts for side in ("person_id", "front_person_id")}
    return {row["person_id"]: clean(row["full_name"]) for row in _only(persons, sorted(wanted))}


def _only(table: pa.Table, person_ids: list[str]) -> list[Row]:
    rows: list[Row] = table.filter(
        pc.is_in(table["person_id"], pa.array(person_ids, pa.string()))
    ).to_pylist()
    return rows
