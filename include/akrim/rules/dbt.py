"""dbt on this project for an arbitrary run, without a database: to read what it makes of the project, not to build it."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any


def invoke(project: Path, *command: str) -> Any:
    """What a dbt command returns (`success`, `result`, `exception`); nothing is left in the project's folder."""
    from dbt.cli.main import dbtRunner

    unasked = {f"DBT_{name}": "1" for name in ("HOST", "PORT", "USER", "PASSWORD", "DBNAME")}
    os.environ |= {name: value for name, value in unasked.items() if name not in os.environ}
    run = {
        "release_id": "2025-T3.1",
        "period": "2025-T3",
        "as_of": "2025-12-31",
        "data_mode": "synthetic",
    }
    quiet = ("--log-level", "none", "--log-level-file", "none", "--no-populate-cache")
    with tempfile.TemporaryDirectory() as target:
        places = ("--project-dir", str(project), "--profiles-dir", str(project), "--target-path", target)
        return dbtRunner().invoke([*quiet, *command, *places, "--vars", json.dumps(run)])
