"""Settings that are secret, from the secrets backend that Airflow is configured with.

The backend is asked by a process of its own, once: it needs Airflow, which must not be imported here before it is configured, and which
most commands do without.
"""

import json
import os
import subprocess
import sys
import tempfile
from functools import lru_cache
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsError

from akrim.errors import UserError

BACKEND = "AIRFLOW__SECRETS__BACKEND"
PREFIX = "akrim_"
SECONDS = 60


class BackendSource(PydanticBaseSettingsSource):
    """What no other source has of these settings is asked for as a variable, named like the secret's file: `akrim_smtp_password`."""

    def __init__(self, settings_cls: type[BaseSettings], names: frozenset[str]) -> None:
        super().__init__(settings_cls)
        self._names = names

    def __call__(self) -> dict[str, Any]:
        if not os.environ.get(BACKEND):
            return {}
        missing = sorted(self._names - self.current_state.keys())
        configured = {name: value for name, value in os.environ.items() if name.startswith(BACKEND)}
        found = _ask(tuple(PREFIX + name for name in missing), tuple(sorted(configured.items())))
        return {name: self._decoded(name, found[PREFIX + name]) for name in missing if PREFIX + name in found}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002  # all are asked for at once
        return None, field_name, False

    def _decoded(self, name: str, value: str) -> Any:
        if not self.field_is_complex(self.settings_cls.model_fields[name]):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise SettingsError(f'error parsing value for field "{name}"') from None


@lru_cache(maxsize=4)
def _ask(variables: tuple[str, ...], _: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """What the backend has of the variables, by name; the second argument is how it is configured.

    Raises UserError where it cannot be asked, without a word of it, which may hold what signs in there.
    """
    with tempfile.TemporaryDirectory() as folder:
        # A task's own address of Airflow's database leads nowhere, and none is needed.
        inherited = {name: value for name, value in os.environ.items() if "__SQL_ALCHEMY_CONN" not in name}
        environment = {"AIRFLOW_HOME": folder, **inherited, "_AIRFLOW__AS_LIBRARY": "1"}
        try:
            done = subprocess.run(  # noqa: S603  # this very program, no shell
                [sys.executable, "-m", __name__, *variables],
                env=environment, capture_output=True, check=False, timeout=SECONDS,
            )  # fmt: skip
            answer = json.loads(done.stdout) if done.returncode == 0 else None
        except (subprocess.TimeoutExpired, ValueError):
            answer = None
    if answer is None or "error" in answer:
        raise UserError(
            f"The secrets backend cannot be asked: {(answer or {}).get('error', 'no answer')}.",
            BACKEND,
            "See whether AIRFLOW__SECRETS__BACKEND_KWARGS is right, and whether it can be reached from here.",
        )
    return dict(answer["found"])


def main() -> None:
    """Print what the backend has of the variables that are named, as JSON, and nothing else to standard output."""
    with os.fdopen(os.dup(1), "w") as answer:
        os.dup2(2, 1)  # what libraries say on their way
        try:
            from airflow.configuration import get_custom_secret_backend

            backend = get_custom_secret_backend()
            asked = {name: backend.get_variable(name) if backend else None for name in sys.argv[1:]}
            json.dump({"found": {name: value for name, value in asked.items() if value is not None}}, answer)
        except Exception as error:  # noqa: BLE001  # whatever a backend raises
            json.dump({"error": type(error).__name__}, answer)


if __name__ == "__main__":
    main()
