"""What a centre was sent about one person, or about one network or enterprise: the few rows of its part that tell of these.

The rows are those of the schema `shared_rows`, selected and masked as they left. Read by the pipeline's own login, for whoever may see persons.
"""

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
from psycopg import sql

from akrim import warehouse
from akrim.sharing.centre_tables import Tables
from akrim.sharing.shared_rows import RECIPIENT, SCHEMA

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Cursor  # it imports pandas, which most commands do without

# What is about no single person is read whole.
OF_ALL = ("withheld_rules", "withheld_data", "delivery_ages", "extract_ages")
OF_PERSON = (
    "bankruptcy_involvements",
    "offence_cases",
    "indicator_observations",
    "prioritisations",
    "coordination",
    "actor_changes",
    "status_questions",
    "nominations",
)
OF_GROUP = ("group_observations", "group_members", "group_decisions")


class _Part:
    """A centre's part of a release, asked for some of its rows in one transaction."""

    def __init__(self, cursor: "Cursor", release_id: str, centre_id: str) -> None:
        self._cursor = cursor
        self._of = sql.SQL("release_id = {} and {} = {}").format(
            sql.Literal(release_id), sql.Identifier(RECIPIENT), sql.Literal(centre_id)
        )

    def rows(self, table: str, columns: str = "*", **having: Iterable[str]) -> pa.Table:
        """The table's rows of which any of the named columns has one of its values; all where none is named."""
        of_any = [
            sql.SQL("{} = any({}::text[])").format(sql.Identifier(column), sql.Literal(sorted(set(values))))
            for column, values in having.items()
        ]
        condition = sql.SQL(" or ").join(of_any) if of_any else sql.SQL("true")
        query = sql.SQL("select {} from {} where {} and ({})").format(
            sql.SQL(columns), sql.Identifier(SCHEMA, table), self._of, condition
        )
        self._cursor.execute(query.as_string())
        return self._cursor.fetch_arrow_table()


def sent_list(release_id: str, centre_id: str) -> pa.Table:
    """The persons on the centre's list, with what their places on it follow from."""
    with warehouse.arrow_cursor() as cursor:
        return _Part(cursor, release_id, centre_id).rows(
            "assessments", "person_id, rank, status, new_fact_date"
        )


def sent_about_person(release_id: str, centre_id: str, near: Sequence[str]) -> Tables:
    """The rows that the report's profile of a person on the centre's list is made from.

    Args:
        near: the person, and who is next on the list, of whom the place and the name are told.
    """
    person_id = near[0]
    with warehouse.arrow_cursor() as cursor:
        part = _Part(cursor, release_id, centre_id)
        tables = {name: part.rows(name) for name in OF_ALL}
        tables |= {name: part.rows(name, person_id=[person_id]) for name in OF_PERSON}
        tables["assessments"] = part.rows("assessments", person_id=near)
        fronts = part.rows("straw_man_ties", person_id=[person_id], front_person_id=[person_id])
        orgnrs = {
            *_values(part.rows("roles", person_id=[person_id]), "orgnr"),
            *_values(fronts, "orgnr"),
            *_values(tables["offence_cases"], "orgnr"),
        }
        tables["roles"] = part.rows("roles", orgnr=orgnrs)
        tables["straw_man_ties"] = fronts
        tables["inspections"] = part.rows("inspections", orgnr=orgnrs)
        tables["enterprises"] = part.rows(
            "enterprises", orgnr=orgnrs | _told(tables["indicator_observations"])
        )
        networks = _values(
            part.rows("network_ties", from_id=[person_id], to_id=[*orgnrs, person_id]), "network_id"
        )
        tables["network_ties"] = part.rows("network_ties", network_id=networks)
        tables["persons"] = part.rows("persons", person_id=_named(tables))
    return tables


def sent_about_group(release_id: str, centre_id: str, group_id: str) -> Tables:
    """The rows that the report's line of a network or an enterprise is made from, and of a network its members and ties."""
    with warehouse.arrow_cursor() as cursor:
        part = _Part(cursor, release_id, centre_id)
        tables = {name: part.rows(name) for name in ("withheld_rules", "withheld_data")}
        tables |= {name: part.rows(name, group_id=[group_id]) for name in OF_GROUP}
        tables["enterprise_assessments"] = part.rows("enterprise_assessments", orgnr=[group_id])
        for name in ("network_assessments", "network_members", "network_ties"):
            tables[name] = part.rows(name, network_id=[group_id])
        members = _values(tables["network_members"], "member_id")
        tables["enterprises"] = part.rows("enterprises", orgnr={*members, group_id})
        tables["persons"] = part.rows(
            "persons", person_id={*members, *_values(tables["group_members"], "person_id")}
        )
    return tables


def _named(tables: Tables) -> set[str]:
    """Whose names a profile has: the person's, whoever's roles or ties lie in the same enterprises, and who is next on the list."""
    return {
        *_values(tables["assessments"], "person_id"),
        *_values(tables["roles"], "person_id"),
        *_values(tables["straw_man_ties"], "person_id", "front_person_id"),
        *_values(tables["network_ties"], "from_id", "to_id"),
        *_values(tables["status_questions"], "bearer_person_id"),
    }


def _told(observations: pa.Table) -> set[str]:
    """The enterprises that evidence tells of."""
    items = [item for text in observations["evidence"].to_pylist() for item in json.loads(text or "[]")]
    return {orgnr for item in items for orgnr in (item.get("orgnr"), *(item.get("through") or ())) if orgnr}


def _values(table: pa.Table, *columns: str) -> Sequence[str]:
    return [value for column in columns for value in table[column].to_pylist() if value]
