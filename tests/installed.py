"""The wheel installed beside the locked packages alone: as a centre has it, and as an installation has it."""

import subprocess
import sys
from pathlib import Path

import pytest
from akrim.settings import PROJECT_ROOT

TOOLS = Path(sys.executable).parent


def run(*command: str | Path) -> None:
    subprocess.run(command, cwd=PROJECT_ROOT, check=True, capture_output=True)


def environment(folder: Path, lock: str, wheel: Path) -> Path:
    """A new environment with what the lock names and the wheel; returns its folder of programs."""
    programs = folder / "bin"
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    install = (TOOLS / "uv", "pip", "install", "--python", programs / "python", "--no-deps")
    run(*install, "--require-hashes", "--requirements", PROJECT_ROOT / "locks" / lock)
    run(*install, "--offline", wheel)
    return programs


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(TOOLS / "python", "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def centre_programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that holds the base install and nothing else."""
    return environment(tmp_path_factory.mktemp("centre"), "centre.lock", wheel)


@pytest.fixture(scope="session")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that holds what the image holds."""
    return environment(tmp_path_factory.mktemp("installation"), "runtime.lock", wheel)
