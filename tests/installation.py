"""An installation as a user has it: a home folder, the commands given with it, and the form that a team sends back to it."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from openpyxl import load_workbook

AKRIM = [sys.executable, "-c", "from akrim.cli import main; main()"]
# What a team writes may be as hostile as what an agency sends.
MEASURE = 'Ransaking <img src=x onerror="window.harmed=1">\u202e{{ 7 * 7 }}'


def inherited() -> dict[str, str]:
    """This process's environment without any installation's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AKRIM_", "AIRFLOW"))}


@dataclass(frozen=True)
class Installation:
    """A home folder and the commands given in it."""

    home: Path
    inbox: Path
    surroundings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return inherited() | self.surroundings | {"AKRIM_HOME": str(self.home)}

    def tell(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command's output, whether or not it succeeds."""
        return subprocess.run(
            [*AKRIM, *arguments], env=self.environment, cwd=self.home.parent, capture_output=True, text=True, check=False
        )  # fmt: skip

    def start(self, period: str) -> subprocess.Popen[str]:
        command = [*AKRIM, "run", "--inbox", str(self.inbox), "--period", period, "--json"]
        return subprocess.Popen(
            command,
            env=self.environment,
            cwd=self.home.parent,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, period: str) -> dict[str, Any]:
        process = self.start(period)
        output, progress = process.communicate(timeout=900)
        assert process.returncode == 0, progress
        return json.loads(output)

    def start_until(self, period: str, line: str) -> subprocess.Popen[str]:
        """Start a run, which goes on, and wait until it has told of the end of a stage."""
        process = self.start(period)
        assert process.stderr is not None
        for told in process.stderr:
            if told.split()[:2] == [line, "done"]:
                break
        return process

    def stop_after(self, period: str, line: str, seconds: float, how: signal.Signals) -> tuple[int, str]:
        """Start a run and stop it a little after it has told of the end of a stage; its exit code and last words."""
        process = self.start_until(period, line)
        time.sleep(seconds)
        process.send_signal(how)
        _, words = process.communicate()
        return process.returncode, words

    @property
    def database(self) -> str:
        return f"postgresql://akrim@localhost/akrim?host={self.home / 'postgres'}"

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database) as connection:
            return connection.execute(sql).fetchall()


def decide(installation: Installation, release_id: str, centre: str) -> tuple[str, str]:
    """Fill in the first row of each sheet of a release's decision form and drop it in the inbox; the person and the group decided on."""
    book = load_workbook(installation.home / "releases" / release_id / centre / "prioritisation.xlsx")
    decided_on = []
    for sheet, subject in ((book["beslutninger"], "person_id"), (book["gruppebeslutninger"], "gruppe_id")):
        columns = {cell.value: cell.column for cell in sheet[1]}
        for name, value in {
            "status": "trusselaktor", "prioritering": "prioriter", "begrunnelse": "ressurser", "ansvarlig_etat": "politiet",
            "tiltak": MEASURE, "kapasitet_endring": "ikke_vurdert", "intensjon_endring": "ikke_vurdert",
            "besluttet_dato": "2026-02-01",
        }.items():  # fmt: skip
            sheet.cell(2, columns[name]).value = value
        decided_on.append(str(sheet.cell(2, columns[subject]).value))
    informed = book["informasjonstiltak"]
    columns = {cell.value: cell.column for cell in informed[1]}
    informed.cell(2, columns["antall_informert"]).value = 42
    informed.cell(2, columns["rapportert_dato"]).value = "2026-02-01"
    (installation.inbox / "sentrene").mkdir(exist_ok=True)
    book.save(installation.inbox / "sentrene" / "svar.xlsx")
    return decided_on[0], decided_on[1]


def bytes_of(release: Path) -> dict[str, str]:
    """The hash of every file but the signatures, since every home has a key of its own."""
    return {
        str(path.relative_to(release)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(release.rglob("*"))
        if path.is_file() and path.suffix != ".minisig"
    }
