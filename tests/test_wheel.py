"""The installed wheel, away from the checkout: an installation makes a release, a centre opens and checks it, and others build it again."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from akrim.orchestration.pinning import code_digest
from akrim.settings import PROJECT_ROOT

from tests.installation import Installation
from tests.whole_world import ELSEWHERE

pytestmark = [pytest.mark.slow, pytest.mark.installation, pytest.mark.timeout(900)]

RELEASE = "2025-T3.1"


@dataclass(frozen=True)
class Place:
    """A working folder and the installed programs that are called in it."""

    folder: Path
    programs: Path

    def akrim(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """The outcome of a command, with the settings given and no others."""
        plain = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AKRIM_", "AIRFLOW", "PYTHON"))
        }
        return subprocess.run(
            [self.programs / "akrim", *arguments], cwd=self.folder, env=plain | settings,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def done(self, *arguments: str) -> str:
        ran = self.akrim(*arguments)
        assert ran.returncode == 0, f"{arguments}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout

    def files(self) -> set[Path]:
        """What is installed, but for what Python caches."""
        return {path for path in (self.programs.parent / "lib").rglob("*") if "__pycache__" not in path.parts}


@pytest.fixture(scope="module")
def centre(centre_programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("at-oslo"), centre_programs)
    place.done("keys", "centre", "oslo", "--out", "keys")
    return place


@pytest.fixture(scope="module")
def installation(programs: Path, centre: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """One that has made a release and sent it to the centre."""
    place = Place(tmp_path_factory.mktemp("elsewhere"), programs)
    before = place.files()
    place.done("synth", "--out", "inbox", "--period", "2025-T3", "--persons", "1000", "--seed", "1")
    place.done("keys", "add", "oslo", str(centre.folder / "keys" / "recipient.txt"))
    told = json.loads(place.done("run", "--inbox", "inbox", "--period", "2025-T3", "--json"))
    assert (told["release_id"], told["failures"]) == (RELEASE, {})
    assert place.files() == before
    (centre.folder / "keys" / "signing.pub").write_bytes((place.folder / "var/keys/signing.pub").read_bytes())
    return place


def test_an_installed_wheel_makes_a_release_that_holds(installation: Place) -> None:
    told = json.loads(installation.done("releases", "verify", f"var/releases/{RELEASE}/oslo", "--json"))
    assert told["usable"]


def test_the_release_names_the_same_code_as_a_checkout_would(installation: Place) -> None:
    manifest = json.loads((installation.folder / f"var/releases/{RELEASE}/manifest.json").read_text())
    assert code_digest(PROJECT_ROOT) in json.dumps(manifest)


@pytest.mark.thorough
def test_where_the_release_is_built_again_elsewhere_it_is_the_same(
    installation: Place, tmp_path: Path
) -> None:
    """By a checkout, on a machine of another time zone that has nothing but the folder, the deliveries and the keys."""
    release, inbox = installation.folder / f"var/releases/{RELEASE}", installation.folder / "inbox"
    keys = shutil.copytree(installation.folder / "var/keys", tmp_path / "keys")
    machine = Installation(tmp_path / "home", inbox, ELSEWHERE)
    told = machine.tell(
        "releases",
        "reproduce",
        "--release",
        str(release),
        "--inbox",
        str(inbox),
        "--keys",
        str(keys),
        "--json",
    )
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    files = [path for path in release.rglob("*") if path.is_file() and path.suffix != ".minisig"]
    assert (found["differing"], found["same"]) == ([], len(files))


def test_a_centre_needs_the_base_install_alone(installation: Place, centre: Place) -> None:
    sealed = installation.folder / f"var/outbox/oslo/{RELEASE}.tar.age"
    centre.done("releases", "decrypt", str(sealed), "--keys", "keys", "--out", "opened")
    centre.done("releases", "verify", f"opened/{RELEASE}/oslo", "--keys", "keys")
    assert not (centre.folder / "var").exists()


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        ("run --inbox inbox --period 2025-T3", "pipeline"),
        ("synth --out inbox --period 2025-T3", "pipeline"),
        ("link card", "pipeline"),
        ("releases list", "embedded"),
    ],
)
def test_what_the_base_install_cannot_do_says_which_extra_can(
    centre_programs: Path, tmp_path: Path, command: str, extra: str
) -> None:
    ran = Place(tmp_path, centre_programs).akrim(*command.split(), COLUMNS="200")
    assert ran.returncode == 1
    assert f"pip install 'akrim[{extra}]'" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_without_dags_a_run_ends_in_plain_words(programs: Path, tmp_path: Path) -> None:
    ran = Place(tmp_path, programs).akrim(
        "run", "--inbox", ".", "--period", "2025-T3", AKRIM_PROJECT_ROOT=str(tmp_path)
    )
    assert ran.returncode == 1
    assert "There is no DAG in that folder." in ran.stderr
    assert "Traceback" not in ran.stderr
