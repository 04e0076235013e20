"""The dbt project as two tasks, before and after linkage: one `dbt build` each, in process.

There is one operator per group of layers, since one per model would start a process each. The database's address is put
into the environment when the task runs, so that Airflow never stores it.
"""

import gc
from collections import Counter
from pathlib import Path
from typing import Any

from airflow.sdk import Context
from cosmos import ProfileConfig
from cosmos.constants import InvocationMode
from cosmos.operators.local import DbtBuildLocalOperator

from akrim.errors import StepFailed, redacted
from akrim.orchestration.airflow.configuration import home
from akrim.orchestration.locks import check_workbench, lock_assessment
from akrim.orchestration.steps.run import require_done
from akrim.rules import BUILD
from akrim.settings import get_settings

BEFORE_LINKAGE = ("path:seeds", "path:models/staging", "path:models/intermediate/records")
AFTER_LINKAGE = (
    "path:models/intermediate/linked",
    "path:models/indicators",
    "path:models/intermediate/assessed",
    "path:models/marts",
    "path:models/oversight",
)


QUIET = ("--log-level", "none", "--log-level-file", "none")


class LayerBuild(DbtBuildLocalOperator):
    """Cosmos' operator, logging each node's status without the values that a database quotes.

    dbt writes its manifest, which takes as long as building a layer, only where lineage is told from it.
    """

    def execute(self, context: Context, **kwargs: Any) -> bool:
        """Build the layer; returns that it was built, by which what follows tells it from one that was marked as a success."""
        super().execute(context, **kwargs)
        return True

    def _update_partial_parse_cache(self, tmp_dir_path: Path) -> None:
        # Cosmos keeps a manifest beside what was parsed, and fails where there is none; nothing reads what it keeps.
        (tmp_dir_path / "target" / "manifest.json").touch()
        super()._update_partial_parse_cache(tmp_dir_path)

    def handle_exception_dbt_runner(self, result: Any) -> None:
        if result.result is None:
            raise StepFailed(f"dbt: {redacted(str(result.exception))}")
        nodes = result.result.results
        for node in nodes:
            self.log.debug("%s %s %.2f s", node.node.unique_id, node.status, node.execution_time)
        self.log.info("%s", summary([(n.node.unique_id, n.status, n.execution_time) for n in nodes]))
        if not result.success:
            broken = [node for node in nodes if node.status in {"error", "fail", "runtime error"}]
            raise StepFailed("\n".join(f"{node.node.name}: {redacted(str(node.message))}" for node in broken))


def summary(nodes: list[tuple[str, str, float]]) -> str:
    """What dbt built and tested, and what took longest, in one line.

    Args:
        nodes: of each its id, such as `model.akrim.persons`, how it ended, and its seconds.
    """
    kinds = Counter((node_id.partition(".")[0], str(status)) for node_id, status, _ in nodes)
    ended = ", ".join(f"{count} {kind} {status}" for (kind, status), count in sorted(kinds.items()))
    slowest = sorted(nodes, key=lambda node: node[2], reverse=True)[:3]
    took = ", ".join(f"{node_id.rpartition('.')[2]} {seconds:.1f} s" for node_id, _, seconds in slowest)
    return f"{ended}; took longest: {took}"


def build(task_id: str, select: tuple[str, ...], pins: Any) -> "LayerBuild":
    """The task that builds and tests these paths for pinned deliveries.

    Args:
        pins: the pin task's result; becomes part of dbt's environment.
    """
    project = get_settings().project_root / "dbt_project"
    return LayerBuild(
        task_id=task_id,
        doc_md=f"One `dbt build` of the models and tests in {', '.join(name.removeprefix('path:') for name in select)}.",
        project_dir=str(project),
        profile_config=ProfileConfig(
            profile_name="akrim", target_name="warehouse", profiles_yml_filepath=project / "profiles.yml"
        ),
        invocation_mode=InvocationMode.DBT_RUNNER,
        select=list(select),
        dbt_cmd_global_flags=list(QUIET),
        dbt_cmd_flags=list(BUILD),
        env=pins,
        interceptors=[prepare],
        cache_dir=home() / "dbt",
        install_deps=False,
        emit_datasets=False,
        should_store_compiled_sql=False,
    )


def prepare(context: Context, operator: Any) -> None:
    """Just before dbt starts, take the lock, set the address, and say whether it is to write what lineage is told from."""
    from akrim import warehouse
    from akrim.rules import quicken, run_environment

    require_done(context["ti"])
    quicken()
    gc.freeze()  # dbt stays loaded, and Cosmos looks for garbage after each of its runs
    lock_assessment()
    check_workbench(operator.env)
    operator.env = warehouse.dbt_environment() | run_environment(operator.env)
    operator.dbt_cmd_global_flags = [*QUIET, "--write-json" if _tells_lineage() else "--no-write-json"]


def _tells_lineage() -> bool:
    try:
        from airflow.providers.openlineage.conf import is_disabled
    except ImportError:  # an extra
        return False
    return not is_disabled()
