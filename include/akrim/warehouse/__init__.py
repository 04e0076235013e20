"""One way to reach the warehouse: connect, read and write Arrow, and lay the tables that every stage shares."""

from akrim.warehouse.connection import (
    ANALYST_SCHEMAS,
    SCHEMAS,
    analyst_url,
    arrow_cursor,
    connect,
    dbt_environment,
    embedded_url,
    for_program,
    for_sqlalchemy,
    passing_database,
    prepare,
    read_arrow,
    sqlalchemy_url,
    url,
    write_arrow,
)

__all__ = [
    "ANALYST_SCHEMAS",
    "SCHEMAS",
    "analyst_url",
    "arrow_cursor",
    "connect",
    "dbt_environment",
    "embedded_url",
    "for_program",
    "for_sqlalchemy",
    "passing_database",
    "prepare",
    "read_arrow",
    "sqlalchemy_url",
    "url",
    "write_arrow",
]
