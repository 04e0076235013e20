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

from akrim.report.profile.reach import Reach
from akrim.report.wording import clean
from akrim.rules import Rule
from akrim.sharing import Tables

Row = dict[str, Any]


def rows_by(table: pa.Table, column: str, wanted: Iterable[str] | None = None) -> dict[str, list[Row]]:
    """The table's rows grouped by a column; only those with a wanted value, if given."""
    if wanted is not None:
        table = table.filter(pc.is_in(table[column], pa.array(list(wanted), pa.string())))
    return grouped(table.to_pylist(), column)


def grouped(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    """The rows by their value of a column, in the order in which they come."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def enterprise_of(item: Row) -> str | None:
    """The number of the enterprise that a row of evidence is about: the register's row of an enterprise, as of who carries on another, of itself."""
    own = item.get("source_row_id") if item["extract"] == "enheter" else None
    return own or item.get("orgnr")


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

        def of_persons(mart: str) -> dict[str, list[Row]]:
            return rows_by(tables[mart], "person_id", anchors)

        self.reach = Reach(tables)
        self.persons = {person_id: rows[0] for person_id, rows in of_persons("persons").items()}
        self.roles = of_persons("roles")
        self.bankruptcies = of_persons("bankruptcy_involvements")
        self.cases = of_persons("offence_cases")
        self.observations = _parsed(of_persons("indicator_observations"), "evidence", "events")
        self.decisions = of_persons("prioritisations")
        self.coordination = _parsed(of_persons("coordination"), "open_matters_by_agency")
        self.assessments = {person_id: rows[0] for person_id, rows in of_persons("assessments").items()}
        self.disputes = {person_id: disputes_of(row) for person_id, row in self.assessments.items()}
        changes = chain.from_iterable(of_persons("actor_changes").values())
        self.since_decision = {row["decision_id"]: row for row in changes}
        self.ties = tables["network_ties"].to_pylist()
        self.fronts = tables["straw_man_ties"].to_pylist()
        orgnrs = self._orgnrs_of_rows()
        known = rows_by(tables["enterprises"], "orgnr", orgnrs | self._orgnrs_of_evidence())
        self.enterprises = {orgnr: rows[0] for orgnr, rows in known.items()}
        self.inspections = rows_by(tables["inspections"], "orgnr", orgnrs)
        self.holders = _holders(tables["roles"], self.ties, self.fronts, orgnrs)
        self.names = _names(tables["persons"], self.holders, self.fronts)

    def _orgnrs_of_rows(self) -> set[str]:
        rows = chain(*self.roles.values(), self.fronts, *self.cases.values())
        return {row["orgnr"] for row in rows if row["orgnr"]}

    def _orgnrs_of_evidence(self) -> set[str]:
        """What is led through others stands in the evidence alone."""
        return {
            orgnr
            for row in chain.from_iterable(self.observations.values())
            for item in row["evidence"]
            for orgnr in (item.get("orgnr"), *(item.get("through") or ()))
        }

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
            and not has_closed(enterprise, self.as_of)
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

    def has_points(self, person_id: str) -> bool:
        """Whether the rules have given the person points, so far as the centre is told."""
        points = self.assessments[person_id]
        return bool(points["intention_points"] or points["capacity_points"])

    def has_ended(self, orgnr: str) -> bool:
        """Whether the enterprise went bankrupt or was deleted."""
        enterprise = self.enterprises.get(orgnr)
        return bool(enterprise and (enterprise["bankruptcy_date"] or enterprise["deleted_date"]))

    def fronts_of(self, person_id: str) -> list[Row]:
        """Who stands in for the person and for whom the person stands in, by enterprise."""
        own = [tie for tie in self.fronts if person_id in (tie["person_id"], tie["front_person_id"])]
        return sorted(
            own, key=lambda tie: (tie["front_person_id"] == person_id, tie["orgnr"], tie["front_person_id"])
        )

    def unchecked(self, person_id: str) -> list[Row]:
        """The rules that could not be checked, or are not told.

        Of whom no rule has found anything there are no rows, however much was out of reach: then those that could be checked for nobody.
        """
        if rows := self.observations[person_id]:
            return [row for row in rows if row["checked"] not in {"fired", "clear"}]
        return [
            {"person_id": person_id, "indicator_code": rule.code, "checked": "unavailable"}
            for rule in self.rules.values()
            if rule.dimension == "intention" and self.reach.is_beyond(rule)
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


def has_closed(enterprise: Row, day: date) -> bool:
    """Whether the enterprise was deleted or bankrupt on that day; one that is bankrupt since nobody says when, was."""
    deleted, bankrupt = enterprise["deleted_date"], enterprise["bankruptcy_date"]
    if deleted and deleted <= day:
        return True
    return bankrupt <= day if bankrupt else bool(enterprise["is_bankrupt"])


def _parsed(rows_of: dict[str, list[Row]], *columns: str) -> dict[str, list[Row]]:
    """The rows, with the lists that these columns hold as JSON."""
    for row in chain.from_iterable(rows_of.values()):
        row.update({column: json.loads(row[column] or "[]") for column in columns})
    return rows_of


def _holders(
    roles: pa.Table, network_ties: list[Row], fronts: list[Row], orgnrs: set[str]
) -> dict[str, list[Row]]:
    """The roles in these enterprises; of counterparts and of who stands in for another, whose roles are not told, the ties."""
    holders = rows_by(roles.filter(pc.is_valid(roles["person_id"])), "orgnr", orgnrs)
    own = set(roles["person_id"].to_pylist())
    held = {(role["person_id"], orgnr) for orgnr, rows in holders.items() for role in rows}
    ties = [
        (tie["from_id"], tie["to_id"])
        for tie in network_ties
        if tie["from_kind"] == "person" and tie["from_id"] not in own
    ]
    ties += [(tie["front_person_id"], tie["orgnr"]) for tie in fronts]
    for person_id, orgnr in dict.fromkeys(ties):
        if orgnr in orgnrs and (person_id, orgnr) not in held:
            role = {"person_id": person_id, "orgnr": orgnr, "is_leading": True}
            holders.setdefault(orgnr, []).append(role)
    return holders


def _names(persons: pa.Table, holders: dict[str, list[Row]], fronts: list[Row]) -> dict[str, str]:
    """The names of everybody with a role in one of the enterprises, or who stands in for somebody."""
    wanted = {role["person_id"] for roles in holders.values() for role in roles}
    wanted |= {tie[side] for tie in fronts for side in ("person_id", "front_person_id")}
    named = rows_by(persons, "person_id", wanted)
    return {person_id: clean(rows[0]["full_name"]) for person_id, rows in named.items()}
