"""What is missing on this machine is told in words, with what to install."""

import pwd
from importlib import metadata
from pathlib import Path

import pytest
from akrim.commands.doctor import installation
from akrim.errors import UserError
from akrim.settings import get_settings


@pytest.fixture
def chosen(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AKRIM_LINKAGE_BACKEND", "spark")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    get_settings.cache_clear()


def java(folder: Path, version: str) -> None:
    program = folder / "java"
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2026-10-20' >&2\n")
    program.chmod(0o755)


def test_no_java(chosen: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"needs Java 17 or newer, and there is no Java\.\n.*\n.*openjdk-17"):
        installation.linkage_backend()


def test_an_old_java(chosen: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java(tmp_path, "11.0.2")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    with pytest.raises(UserError, match="there is Java 11 alone"):
        installation.linkage_backend()


def test_the_java_of_its_own_variable_counts(
    chosen: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    java(tmp_path / "bin", "21.0.4")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert installation.linkage_backend().endswith(" on Java 21, at local[*]")


def test_no_package(chosen: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    with pytest.raises(UserError, match=r"akrim\[spark\]"):
        installation.linkage_backend()


def test_an_account_without_a_name(chosen: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_name(number: int) -> None:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", no_name)
    with pytest.raises(UserError, match="by no account without a name"):
        installation.linkage_backend()
