"""The one form that a row rule takes here: a named SQL condition that Great Expectations runs in PostgreSQL."""

from typing import Any, ClassVar

import sqlalchemy as sa
from akrim.contracts import Column
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.execution_engine import ExecutionEngine, SqlAlchemyExecutionEngine
from great_expectations.expectations import UnexpectedRowsExpectation
from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.query_metric_provider import QueryMetricProvider
from psycopg import sql

WARNING = FailureSeverity.WARNING

# Rows that were read whole and are not removals; a removal needs nothing but its key.
STANDING = "coalesce(r.defect, 'repeated_key') = 'repeated_key' and coalesce(r.removed, 'N') <> 'J'"


# Whoever validates has laid `suspects` by the conditions of all rules about single rows (`condition_of_row`): each looks at these alone.
AMONG_SUSPECTS = (
    "select r.row_number from (select * from {batch}) as r where r.row_number in (table suspects) and "
)

# A table by itself, since the server's workers take part in no query that changes one which stands.
LOOK = "create unlogged table found_now as select q.row_number from ({query}) as q"
FORGET = "drop table if exists found_now"
# What a query found before is replaced: where one metric fails, Great Expectations evaluates those beside it again.
KEEP = """
with before as (delete from found where query = md5(:query)),
now as (insert into found select md5(:query), q.row_number from {rows} as q returning query)
select count(*) as found from now
"""


class FoundRows(QueryMetricProvider):
    """Writes the numbers of the rows that a query finds to the scratch schema's `found`, and tells how many they are.

    Each query is run once so: `akrim.deliveries.quarantine` sets aside what was found here.
    """

    metric_name = "unexpected_rows_query.found"
    value_keys = ("unexpected_rows_query",)

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _found(
        cls,  # noqa: N805  # Great Expectations calls it with the class
        execution_engine: SqlAlchemyExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        **_: Any,
    ) -> int:
        batch, _, _ = execution_engine.get_compute_domain(metric_domain_kwargs, MetricDomainTypes.TABLE)
        query = metric_value_kwargs["unexpected_rows_query"]
        substituted = cls._get_substituted_batch_subquery_from_query_and_batch_selectable(
            query, batch, execution_engine
        )
        is_of_few = query.startswith(AMONG_SUSPECTS)
        rows = f"({substituted})" if is_of_few else "found_now"
        keep = sa.text(KEEP.format(rows=rows)).bindparams(query=query).columns(sa.column("found"))
        with execution_engine.engine.begin() as connection:
            if not is_of_few:
                connection.execute(sa.text("select meta.plan_for_sets()"))
                connection.execute(sa.text(FORGET))
                connection.execute(sa.text(LOOK.format(query=substituted)))
            return int(connection.execute(keep).scalar_one())


class ExpectRowsNever(UnexpectedRowsExpectation):
    """Holds when the query finds no row. Only their number is asked for: rows stay in the database."""

    metric_dependencies: ClassVar[tuple[str, ...]] = (FoundRows.metric_name,)

    @property
    def condition_of_row(self) -> str:
        """What a row (alias r) must not meet; empty where a rule looks at more than the row."""
        query = str(self.unexpected_rows_query)
        return query.removeprefix(AMONG_SUSPECTS) if query.startswith(AMONG_SUSPECTS) else ""

    # Great Expectations names this method as the one to override; no public one does it. Its own asks for rows as well.
    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,  # noqa: ARG002  # the signature is Great Expectations'
        execution_engine: ExecutionEngine[Any] | None = None,  # noqa: ARG002  # part of the same signature
    ) -> dict[str, Any]:
        count = metrics[FoundRows.metric_name]
        return {"success": count == 0, "result": {"observed_value": count}}


def rows_never(
    name: str,
    condition: str,
    description: str,
    *,
    code: str = "",
    among: str = STANDING,
    reads_others: bool = False,
) -> ExpectRowsNever:
    """No row (alias r) among these may meet the condition; the query returns the numbers of those that do.

    Args:
        name: what quarantine.rows.expectation says, such as `dato is a date`.
        code: the specification's quarantine code; empty for rules that are only noted.
        reads_others: the condition looks at more than the row and the one row of `delivery`: it is asked by a query over all rows.
    """
    is_of_all = reads_others or "{batch}" in condition
    begin = "select r.row_number from (select * from {batch}) as r where " if is_of_all else AMONG_SUSPECTS
    query = f"{begin}{among} and ({condition})"
    return ExpectRowsNever(
        unexpected_rows_query=query,
        description=description,
        severity=FailureSeverity.CRITICAL if code else WARNING,
        meta={"name": name, "code": code, "column": name.partition(" ")[0]},
    )


def is_earlier(name: str, other: str) -> str:
    """The condition that a row's date (YYYY-MM-DD) is before another; as text first, which says the same of dates and costs a tenth."""
    return (
        f'r.{name} collate "C" < r.{other}'
        f" and meta.to_date(r.{name}, 'YYYY-MM-DD') < meta.to_date(r.{other}, 'YYYY-MM-DD')"
    )


def listed(column: Column) -> str:
    """The column's codes as SQL writes them in a list."""
    return ", ".join(map(literal, column.codes))


def literal(value: str | float) -> str:
    """The value as SQL writes it: expectations take their queries as text."""
    return sql.Literal(value).as_string()
