"""Great Expectations on one scratch table: which of a suite's expectations do not hold, found in PostgreSQL."""

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from akrim.contracts import Extract
from akrim.warehouse import engine

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite


def failed_expectations(schema: str, extract: Extract, suite: "ExpectationSuite") -> list[tuple[int, Any]]:
    """Each expectation that does not hold, with its place in the suite.

    Only yes or no leaves the database. Raises RuntimeError where an expectation could not be evaluated at all:
    that is a defect, and rows nobody has judged must not be accepted.
    """
    place = {_name(e.meta): (number, e) for number, e in enumerate(suite.expectations)}
    failed = []
    for result in _batch(schema, extract).validate(suite, result_format="BOOLEAN_ONLY").results:
        name = _name(result.expectation_config.meta)
        if _was_not_evaluated(result.exception_info):
            raise RuntimeError(f"{extract.table}: the expectation {name!r} could not be evaluated")
        if not result.success:
            failed.append(place[name])
    return sorted(failed, key=lambda pair: pair[0])


def _name(meta: dict[str, Any] | None) -> str:
    return str((meta or {})["name"])


def _batch(schema: str, extract: Extract) -> Any:
    source = _context().data_sources.add_or_update_postgres(schema, connection_string=_address(schema))
    asset = source.add_table_asset(extract.name, table_name=extract.name, schema_name=schema)
    return asset.add_batch_definition_whole_table("all").get_batch()


def _address(schema: str) -> str:
    """The engine's address, with the schema looked in first."""
    address = engine().url.update_query_dict({"options": f"-csearch_path={schema},public"})
    return address.render_as_string(hide_password=False)


@lru_cache
def _context() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _was_not_evaluated(exception_info: dict[str, Any] | None) -> bool:
    """The information is one entry, or one per metric."""
    if not exception_info:
        return False
    if "raised_exception" in exception_info:
        return bool(exception_info["raised_exception"])
    return any(entry.get("raised_exception") for entry in exception_info.values())
