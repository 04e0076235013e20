"""dbt on this project for an arbitrary run, without a database: to read what it makes of the project, not to build it."""

import os
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from akrim.errors import UserError
from akrim.settings import get_settings

MEND = "Mend the file that was changed."
# What a run is about; see `run_environment`.
SAMPLE_RUN = {"release_id": "2025-T3.1", "period": "2025-T3", "as_of": "2025-12-31"}

# Where dbt and Cosmos keep what was parsed of a project, below it.
PARSED = Path("target", "partial_parse.msgpack")

# How `dbt build` builds what it is told to select: tests are asked together at its end, by the project's macro `check_together`.
BUILD = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")


def run_environment(about: Mapping[str, str]) -> dict[str, str]:
    """The environment variables that tell dbt_project's macros which run they are about.

    Args:
        about: its release_id, period and as_of.
    """
    return {f"DBT_{name.upper()}": about[name] for name in SAMPLE_RUN}


@cache
def quicken() -> None:
    """Have dbt leave out, in this process, what takes time and nobody asked for; there is no public setting for any of it."""
    _forget_addresses()
    _parse_anew_where_parts_fail()
    _say_nothing()
    _share_the_empty_table()
    _keep_connections()
    _write_no_sql()


def _say_nothing() -> None:
    """Make no events of the debug level, several for each query: no log of ours holds them, and nobody else is told."""
    from dbt_common.events.base_types import DebugLevel, EventLevel
    from dbt_common.events.event_manager import EventManager

    fire = EventManager.fire_event

    def fire_others(
        manager: Any, e: Any, level: Any = None, node: Any = None, force_warn_or_error_handling: bool = False
    ) -> None:
        if (level or e.level_tag()) != EventLevel.DEBUG:
            fire(manager, e, level, node, force_warn_or_error_handling)

    def left_empty(event: Any, *_: Any, **__: Any) -> None:
        event.pb_msg = getattr(event.PROTO_TYPES_MODULE, type(event).__name__)()

    EventManager.fire_event = fire_others  # type: ignore[assignment, method-assign]  # dbt has no setting for it
    DebugLevel.__init__ = left_empty  # type: ignore[assignment, method-assign]  # likewise


def _share_the_empty_table() -> None:
    """Make once what each query that returns nothing answers with: to make it is to make readers of all kinds of dates."""
    from dbt_common.clients import agate_helper

    agate_helper.empty_table = cache(agate_helper.empty_table)  # it cannot be changed


def _keep_connections() -> None:
    """Let a thread's next model use the connection of the one before, unless it was lost or left amid something: two hundred were made for a run."""
    from dbt.adapters.base.connections import BaseConnectionManager

    close = BaseConnectionManager.release

    def release(manager: Any) -> None:
        used = manager.get_if_exists()
        if used is None or used.state != "open" or used.transaction_open or used.handle.closed:
            close(manager)

    BaseConnectionManager.release = release  # type: ignore[assignment, method-assign]  # dbt has no setting for it


def _write_no_sql() -> None:
    """Write no file for each model's SQL, before and after it is run: nobody reads them, and what is kept of it is kept by the models."""
    from dbt.contracts.graph.nodes import ParsedNode

    ParsedNode.write_node = lambda *_: None  # type: ignore[method-assign]  # dbt has no setting for it


def _forget_addresses() -> None:
    """Let what was parsed count for every warehouse: to dbt another host or database is another project, which it parses again.

    That takes two to three times as long as all else that dbt does for a layer.
    """
    from dbt.artifacts.resources import FileHash
    from dbt.parser.manifest import ManifestLoader

    check: Any = ManifestLoader.build_manifest_state_check
    read = ManifestLoader.read_manifest_for_partial_parse

    def check_for_any(loader: Any) -> Any:
        state = check(loader)
        state.profile_hash = FileHash.from_contents(loader.root_project.credentials.schema)
        return state

    def read_for_this(loader: Any) -> Any:
        manifest = read(loader)
        if manifest is not None:
            _name_database(manifest, loader.root_project.credentials.database)
        return manifest

    ManifestLoader.build_manifest_state_check = check_for_any  # type: ignore[method-assign]  # dbt has no setting for it
    ManifestLoader.read_manifest_for_partial_parse = read_for_this  # type: ignore[assignment, method-assign]  # likewise


def _name_database(manifest: Any, database: str) -> None:
    """Name the database in which what was parsed lies now, in place of the one that it was parsed for."""
    disabled = (node for nodes in manifest.disabled.values() for node in nodes)
    for node in (*manifest.nodes.values(), *manifest.sources.values(), *disabled):
        if node.relation_name:
            node.relation_name = node.relation_name.replace(f'"{node.database}".', f'"{database}".', 1)
        node.database = database


def _parse_anew_where_parts_fail() -> None:
    """Parse all of a project of which dbt cannot parse what has changed alone: a unit test that moved to another file is two to it.

    Otherwise an upgrade, or a pull of the repository, could end every run until somebody removed what was parsed before.
    """
    from dbt.parser.manifest import ManifestLoader
    from dbt_common.exceptions import DbtBaseException

    load, begin = ManifestLoader.load, ManifestLoader.__init__

    def load_or_anew(loader: Any) -> Any:
        try:
            return load(loader)
        except DbtBaseException:
            if loader.saved_manifest is None:
                raise
            begin(loader, loader.root_project, loader.all_projects, loader.macro_hook, loader.file_diff)
            loader.saved_manifest = None
            return load(loader)

    ManifestLoader.load = load_or_anew  # type: ignore[assignment, method-assign]  # dbt has no setting for it


def run_dbt(
    project: Path, *command: str, target: Path | None = None, about: Mapping[str, str] = SAMPLE_RUN
) -> Any:
    """What a dbt command returns (`success`, `result`, `exception`); without a target, nothing is left behind.

    Args:
        about: the run that it is about.
    """
    from dbt.cli.main import dbtRunner

    quicken()
    unasked = {f"DBT_{name}": "1" for name in ("HOST", "PORT", "USER", "PASSWORD", "DBNAME")}
    os.environ |= {name: value for name, value in unasked.items() if name not in os.environ}
    os.environ |= run_environment(about)
    quiet = ("--log-level", "none", "--log-level-file", "none", "--no-populate-cache")
    with tempfile.TemporaryDirectory() as passing:
        done = dbtRunner().invoke([*quiet, *command, *places(project, target or Path(passing))])
    if isinstance(done.exception, (KeyboardInterrupt, SystemExit)):
        raise done.exception  # whoever ends us meanwhile: no file is wrong
    return done


def places(project: Path, target: Path) -> list[str]:
    """The options by which dbt finds the project, its profile, and what was parsed of it before."""
    options = {
        "--project-dir": project,
        "--profiles-dir": project,
        "--target-path": target,
        # As a run has them: what was parsed for another profile or target is parsed again.
        "--profile": "akrim",
        "--target": "warehouse",
    }
    if (project / PARSED).exists():
        options["--partial-parse-file-path"] = project / PARSED
    return [str(part) for option in options.items() for part in option]


def keep_parsed() -> None:
    """Parse the project into its own target folder, where Cosmos and `places` look for it.

    Whoever begins with a home or a folder that has parsed nothing yet is seconds faster by it; files that have changed since
    are parsed again.
    """
    project = get_settings().project_root / "dbt_project"
    done = run_dbt(project, "--no-write-json", "parse", target=project / "target")
    if not done.success:
        raise SystemExit(f"dbt: {done.exception}")
    (project / PARSED).chmod(0o600)  # it is copied, with its mode, into homes where nothing is open to others


def compile_models(
    project: Path, about: Mapping[str, str] = SAMPLE_RUN, target: Path | None = None
) -> list[Any]:
    """Every model's node with its compiled SQL; asks no database. A target gets dbt's manifest.

    Raises UserError where the project does not compile.
    """
    command = ("compile", "--no-introspect", "--select", "resource_type:model")
    done = run_dbt(project, *command, target=target, about=about)
    if not done.success:
        reasons = done.exception or "\n".join(
            f"{result.node.name}: {result.message}" for result in done.result if result.message
        )
        raise UserError(f"The dbt project does not compile: {reasons}", str(project), MEND)
    # dbt takes the models' tests along.
    return [result.node for result in done.result if result.node.resource_type == "model"]
