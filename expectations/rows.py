"""The one form that a row rule takes here: a named SQL condition that Great Expectations runs in PostgreSQL."""

from typing import Any, ClassVar

from akrim.contracts import Column
from great_expectations.execution_engine import ExecutionEngine
from great_expectations.expectations import UnexpectedRowsExpectation
from great_expectations.expectations.metadata_types import FailureSeverity
from psycopg import sql

WARNING = FailureSeverity.WARNING

# Rows that were read whole and are not removals; a removal needs nothing but its key.
STANDING = "coalesce(r.defect, 'repeated_key') = 'repeated_key' and coalesce(r.removed, 'N') <> 'J'"


class ExpectRowsNever(UnexpectedRowsExpectation):
    """Holds when the query finds no row. Only their number is asked for: rows stay in the database."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

    # Great Expectations names this method as the one to override; no public one does it. Its own asks for rows as well.
    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,  # noqa: ARG002  # the signature is Great Expectations'
        execution_engine: ExecutionEngine[Any] | None = None,  # noqa: ARG002  # likewise
    ) -> dict[str, Any]:
        count = metrics["unexpected_rows_query.row_count"]
        return {"success": count == 0, "result": {"observed_value": count}}


def rows_never(
    name: str,
    condition: str,
    description: str,
    *,
    code: str = "",
    among: str = STANDING,
    severity: FailureSeverity = FailureSeverity.CRITICAL,
) -> ExpectRowsNever:
    """No row (alias r) among these may meet the condition; the query returns the numbers of those that do.

    Args:
        name: what quarantine.rows.expectation says, such as `dato is a date`.
        code: the specification's quarantine code; empty for rules that are only noted.
    """
    query = f"select r.row_number from (select * from {{batch}}) as r where {among} and ({condition})"
    return ExpectRowsNever(
        unexpected_rows_query=query,
        description=description,
        severity=severity,
        meta={"name": name, "code": code, "column": name.partition(" ")[0]},
    )


def listed(column: Column) -> str:
    """The column's codes as SQL writes them in a list."""
    return ", ".join(map(literal, column.codes))


def literal(value: str | float) -> str:
    """The value as SQL writes it: expectations take their queries as text."""
    return sql.Literal(value).as_string()
