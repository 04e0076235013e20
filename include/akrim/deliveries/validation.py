"""Great Expectations on one scratch table, in PostgreSQL: its suite in a checkpoint, whose actions set rows aside.

Importing this module imports Great Expectations, which takes seconds: do it where something is validated.
"""

from collections.abc import Iterator
from typing import Any, Literal

import great_expectations as gx
from great_expectations.checkpoint import ActionContext, Checkpoint, CheckpointResult, ValidationAction
from great_expectations.compatibility.pydantic import Field
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.core.result_format import ResultFormat
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context import AbstractDataContext
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from psycopg import sql

from akrim.contracts import Extract
from akrim.deliveries.decisions.broken_cells import broken_cells
from akrim.deliveries.decisions.cell_messages import cell_message
from akrim.deliveries.decisions.handed_out import lay_handed_out
from akrim.deliveries.quarantine import Broken, count_marks, lay_suspects, set_aside
from akrim.deliveries.scratch import Scratch
from akrim.warehouse import engine

# Kept under the name of what ours is a kind of, so that the result can be read where our suites are not loaded.
KEPT_AS = {"expect_rows_never": "unexpected_rows_expectation"}


def validate(scratch: Scratch, extract: Extract, suite: gx.ExpectationSuite) -> list[str]:
    """Validate an extract's loaded rows: sets aside those that may not be accepted, returns notes on the rest.

    Only yes or no and numbers of rows leave the database. Raises RuntimeError where an expectation could not be evaluated
    at all: that is a defect, and rows nobody has judged must not be accepted.
    """
    _prepare(scratch, extract)
    lay_suspects(scratch, extract, _conditions_of_rows(suite))
    broken = _run_checkpoint(scratch, extract, suite)
    notes = [
        f"{extract.name}: not so for every row or the whole: {each.name}" for each in broken if not each.code
    ]
    # A cell may break several expectations of one kind.
    return notes + list(dict.fromkeys(cell_message(extract, cell) for cell in broken_cells(scratch, extract)))


def _prepare(scratch: Scratch, extract: Extract) -> None:
    """Let the extract's expectations find what they compare its rows with, and the planner know the rows."""
    with scratch.connect() as connection:
        lay_handed_out(connection, extract)
        connection.execute("truncate found")
        # Of what rows are joined by alone: plans need no more, and every column takes ten times as long.
        joined = ["row_number", extract.key.name, *(column.name for column, _ in extract.parents)]
        connection.execute(
            sql.SQL("analyze {} ({})").format(
                sql.Identifier(extract.name),
                sql.SQL(", ").join(map(sql.Identifier, dict.fromkeys(joined))),
            )
        )


def _run_checkpoint(scratch: Scratch, extract: Extract, suite: gx.ExpectationSuite) -> list[Broken]:
    """The expectations that do not hold, in the suite's order; the checkpoint's actions have set rows aside.

    Every extract has a checkpoint of its own: actions run after all that a checkpoint validates, and a parent's rows must be
    set aside before its children are validated.
    """
    context = quiet_context()
    definition = gx.ValidationDefinition(
        name=extract.table, data=_whole_table(context, scratch, extract), suite=context.suites.add(suite)
    )
    about: Any = {"scratch": scratch, "extract": extract}
    checkpoint = Checkpoint(
        name=extract.table,
        validation_definitions=[context.validation_definitions.add(definition)],
        actions=[
            QuarantineAction(name="set rows aside", **about),
            ResultAction(name="keep the result", **about),
        ],
        result_format=ResultFormat.BOOLEAN_ONLY,
    )
    result = checkpoint.run(run_id=RunIdentifier(scratch.manifest.delivery_id))
    return _broken(result)


def quiet_context() -> AbstractDataContext:
    """A context of its own for each use, so that no result stays in memory; it tells nobody anything."""
    return gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(),
            progress_bars=ProgressBarsConfig(globally=False),
            analytics_enabled=False,
        ),
    )


class _ScratchAction(ValidationAction):
    """An action on one extract of a scratch schema, which is no part of the configuration that the checkpoint stores."""

    class Config(ValidationAction.Config):
        copy_on_model_validation = "none"  # a copy would lack what is excluded

    scratch: Any = Field(default=None, exclude=True)
    extract: Any = Field(default=None, exclude=True)


class QuarantineAction(_ScratchAction):
    """Sets aside the rows that break an expectation with a code."""

    type: Literal["quarantine"] = "quarantine"

    def run(
        self,
        checkpoint_result: CheckpointResult,
        action_context: ActionContext | None = None,  # noqa: ARG002  # the signature is Great Expectations'
    ) -> dict[str, Any]:
        """Write the quarantine in the scratch schema."""
        broken = [expectation for expectation in _broken(checkpoint_result) if expectation.code]
        return {"set_aside": set_aside(self.scratch, self.extract, broken)}


class ResultAction(_ScratchAction):
    """Keeps the result of the validation: yes or no, and how many rows were marked; no value of any row."""

    type: Literal["result"] = "result"

    def run(
        self,
        checkpoint_result: CheckpointResult,
        action_context: ActionContext | None = None,  # noqa: ARG002  # the signature is Great Expectations'
    ) -> dict[str, Any]:
        """Write the result to the scratch schema."""
        (result,) = checkpoint_result.run_results.values()
        kept, counts = result.to_json_dict(), count_marks(self.scratch, self.extract)
        for one in kept["results"]:
            config = one["expectation_config"]
            del config["id"]  # its context's; it would not be taken into another suite with it
            config["type"] = KEPT_AS.get(config["type"], config["type"])
            if config["meta"]["name"] in counts:
                one["result"] = {"observed_value": counts[config["meta"]["name"]]}
        self.scratch.keep_result(self.extract, kept)
        return {}


def _broken(checkpoint_result: CheckpointResult) -> list[Broken]:
    """The expectations that do not hold, in the suite's order."""
    (definition,) = checkpoint_result.checkpoint_config.validation_definitions
    (result,) = checkpoint_result.run_results.values()
    holds = {}
    for one in result.results:
        name = _meta(one.expectation_config)["name"]
        if any(_raised(one.exception_info or {})):
            raise RuntimeError(f"{definition.name}: the expectation {name!r} could not be evaluated")
        holds[name] = one.success
    return [
        Broken(rank, query=_query(expectation), **_meta(expectation))
        for rank, expectation in enumerate(definition.suite.expectations)
        if not holds[_meta(expectation)["name"]]
    ]


def _meta(expectation: Any) -> dict[str, str]:
    """The name, code and column that our suites give each expectation."""
    return dict(expectation.meta)


def _conditions_of_rows(suite: gx.ExpectationSuite) -> Iterator[str]:
    """Of each expectation about single rows, what a row must not meet; those of other kinds say nothing of the sort."""
    for expectation in suite.expectations:
        condition = getattr(expectation, "condition_of_row", "")
        if condition:
            yield condition


def _query(expectation: Any) -> str:
    """The query that found the rows. Raises AttributeError for a code without one: a defect that would set no row aside."""
    return str(expectation.unexpected_rows_query) if expectation.meta["code"] else ""


def _raised(exception_info: dict[str, Any]) -> Iterator[bool]:
    """Whether something was raised: the information is one entry, or one per metric."""
    entries = [exception_info] if "raised_exception" in exception_info else exception_info.values()
    return (bool(entry.get("raised_exception")) for entry in entries)


def _whole_table(context: AbstractDataContext, scratch: Scratch, extract: Extract) -> BatchDefinition[Any]:
    """The extract's rows, found by the connection's search path: the suite's queries name other scratch tables, too."""
    address = engine().url.update_query_dict({"options": f"-csearch_path={scratch.schema},public"})
    # SQLAlchemy leaves a space of a password as it is, and Great Expectations takes no address with one.
    connection_string = address.render_as_string(hide_password=False).replace(" ", "%20")
    source = context.data_sources.add_postgres(scratch.schema, connection_string=connection_string)
    # Quoted, since a name may be a word of SQL.
    asset = source.add_table_asset(extract.name, table_name=f'"{extract.name}"')
    return asset.add_batch_definition_whole_table("all")
