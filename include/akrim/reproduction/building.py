"""Builds one reserved release in a process, a home and a database of its own, with its pinned settings."""

import os
import re
import shutil
import subprocess
import sys
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from akrim import warehouse
from akrim.errors import UserError
from akrim.keys import give_form_keys
from akrim.linkage.model import model_version, own_models
from akrim.settings import get_settings

# Without the working folder among the places that modules come from.
PYTHON = (sys.executable, "-P", "-c")
FAILED = "failed: "
# What `build_release` and the command `akrim` end with.
REASON = re.compile(rf"^(?:{FAILED}|error  )(.+)", re.MULTILINE)


def require_model(release_id: str, model: str) -> None:
    """Raise UserError where the linkage model that the release pinned is not here, or is another by now."""
    name = model.partition(":")[0]
    with suppress(UserError, FileNotFoundError):
        if model_version(name) == model:
            return
    raise UserError(
        f"{release_id} was linked with the model {model}, which is not here.",
        name,
        "Use the program's version of that time; a model trained at the installation is in its home folder.",
    )


def new_home(release_id: str, form_keys: dict[str, str]) -> Path:
    """An empty home folder under this one's, with the models that were trained here and the form keys of that time."""
    os.umask(0o077)
    home = get_settings().home / "reproduced" / release_id
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(mode=0o700, parents=True)
    (home / "models").symlink_to(own_models())
    give_form_keys(home / "keys", form_keys)
    return home


@dataclass(frozen=True)
class BuildEnvironment:
    """Where releases are rebuilt: a home folder and the address of a temporary database."""

    home: Path
    address: str

    def build(self, release_id: str, settings: dict[str, Any]) -> None:
        """Assess and publish a reserved release."""
        program = f"import sys; from {__name__} import build_release; build_release(sys.argv[1])"
        self.run(program, [release_id], settings, f"{release_id} could not be rebuilt.")

    def receive(self, inbox: Path, settings: dict[str, Any]) -> None:
        """Receive what is new in the inbox."""
        program = "from akrim.cli import main; main()"
        about = ["receive", "--inbox", str(inbox)]
        self.run(program, about, settings, "The deliveries could not be received.")

    def replay(self, delivery_id: str, inbox: Path, settings: dict[str, Any]) -> None:
        """Read a delivery again, as was done where the release was made."""
        program = "import sys; from akrim.orchestration.local import replay; replay(*sys.argv[1:], even_if_same=True)"
        about = [delivery_id, "akrim releases reproduce", "it was read again before", str(inbox)]
        self.run(program, about, settings, f"{delivery_id} could not be read again.")

    @property
    def log(self) -> Path:
        return self.home / "reproduce.log"

    def run(self, program: str, arguments: list[str], settings: dict[str, Any], failure: str) -> None:
        """Run a program by the release's settings, and otherwise by this folder's, that sends nobody anything; raises UserError with that failure."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
        chosen = {
            f"AKRIM_{name.upper()}": ",".join(value) if isinstance(value, list) else str(value)
            for name, value in settings.items()
        }
        variables = inherited | chosen | {
            "AKRIM_HOME": str(self.home),
            "AKRIM_DATABASE_URL": self.address,
            "AKRIM_OUTBOX": "",  # its own: what it receives is answered for once more
            "AKRIM_PROJECT_ROOT": str(get_settings().project_root),
            "AKRIM_APPROVAL": "plausibility",  # it was out before
        }  # fmt: skip
        # In this folder: akrim.toml lies here, and from here go the paths in it and in the environment.
        before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as output:
            done = subprocess.run(  # noqa: S603  # this very program, no shell
                [*PYTHON, program, *arguments], env=variables, stdout=output, stderr=output, check=False
            )
        if done.returncode:
            raise UserError(
                f"{failure}{self._reason(before)}",
                str(self.log),
                "Read the log. What another version of the program made, that version alone may be able to build.",
            )

    def _reason(self, before: int) -> str:
        """Why a program failed, as it said itself at its end, in what the log has of it; empty where it did not."""
        said = self.log.read_bytes()[before:].decode(errors="replace")
        why = REASON.findall(said)
        return f" {why[-1].strip()}" if why else ""


def new_database(release_id: str) -> AbstractContextManager[str]:
    """The address of an empty database on the warehouse's server, dropped at the end."""
    return warehouse.passing_database("akrim_reproduce_" + sha256(release_id.encode()).hexdigest()[:8])


def build_release(release_id: str) -> None:
    """Assess and publish a reserved release with the settings of this process."""
    from akrim import releases
    from akrim.keys import create_keys
    from akrim.orchestration.local import assess
    from akrim.trust.keyring import KeyFile

    # Of its own: the earlier releases lie here without the keys that they were signed with.
    if not (get_settings().keys_path / KeyFile.SIGNING_SECRET).exists():
        create_keys()
    if failed := assess(release_id):
        raise SystemExit("\n".join(f"{FAILED}{dag_id}: {why}" for dag_id, why in failed.items()))
    releases.publish(release_id, was_out=True)
