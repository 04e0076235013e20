"""One way to reach the warehouse: connect, read and write Arrow, and bring its schema to this program's version."""

from akrim.warehouse.arrow import arrow_cursor, read_arrow, write_arrow
from akrim.warehouse.connection import (
    ASSESSMENT_KEY,
    READABLE,
    analyst_url,
    connect,
    dbt_environment,
    embedded_url,
    engine,
    for_sqlalchemy,
    has_table,
    login_url,
    passing_database,
    people_addresses,
    read_rows,
    url,
    with_search_path,
    without_person_numbers,
    write_out,
)
from akrim.warehouse.logins import open_databases, own_settings, rights_beyond
from akrim.warehouse.programs import for_program, program
from akrim.warehouse.requirements import require_usable, server_version
from akrim.warehouse.schema import apply_definitions, is_prepared, prepare, require_known, revision

__all__ = [
    "ASSESSMENT_KEY",
    "READABLE",
    "analyst_url",
    "apply_definitions",
    "arrow_cursor",
    "connect",
    "dbt_environment",
    "embedded_url",
    "engine",
    "for_program",
    "for_sqlalchemy",
    "has_table",
    "is_prepared",
    "login_url",
    "open_databases",
    "own_settings",
    "passing_database",
    "people_addresses",
    "prepare",
    "program",
    "read_arrow",
    "read_rows",
    "require_known",
    "require_usable",
    "revision",
    "rights_beyond",
    "server_version",
    "url",
    "with_search_path",
    "without_person_numbers",
    "write_arrow",
    "write_out",
]
