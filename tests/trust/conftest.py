"""A small release with all eight centres, signed and sealed by the code that publishes, without a database."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from akrim.keys import create_keys, sign_release
from akrim.keys.centres import all_recipients
from akrim.ledger import Pins
from akrim.periods import Period
from akrim.releases.manifests import write_centre_manifest, write_release_manifest
from akrim.report.reference import Reference
from akrim.settings import get_settings
from akrim.trust import sealing
from akrim.trust.verification import Check

from tests.conftest import configure

FIRST, SECOND = "2025-T3.1", "2026-T1.1"
DAY = date(2026, 6, 1)
CENTRES = ("alta", "bergen", "bodo", "kristiansand", "oslo", "stavanger", "tonsberg", "trondheim")
FILES = {
    "assessment.html": b"<p>Vurdering</p>\n" * 2000,
    "assessment.pdf": bytes(range(256)) * 400,
    "changes.json": b'{"changes": []}\n',
    "data/roles.parquet": b"PAR1" * 1000,
}


@dataclass(frozen=True)
class Sender:
    """The installation: two releases with all centres' folders, and each centre's folder of keys."""

    home: Path

    def release(self, release_id: str = SECOND) -> Path:
        return self.home / "releases" / release_id

    def keys(self, centre_id: str) -> Path:
        return self.home / "keys" / "demo" / centre_id

    def seal(self, centre_id: str, target: Path, release_id: str = SECOND) -> Path:
        folder = self.release(release_id) / centre_id
        target.parent.mkdir(parents=True, exist_ok=True)
        archive = target.with_suffix(".plain")
        with archive.open("wb") as plain:
            sealing.pack(folder, f"{release_id}/{centre_id}", Period.parse(release_id[:7]).as_of, plain)
        with archive.open("rb") as plain, target.open("wb") as sealed:
            sealing.seal(plain, sealed, list(all_recipients()[centre_id].keys))
        archive.unlink()
        return target


def make_release(
    home: Path,
    release_id: str,
    serial: int,
    more: dict[str, dict[str, bytes]] | None = None,
    recipients: Sequence[str] = CENTRES,
) -> Path:
    """Write and sign a release of eight centres; each centre's files hold its name, but for those that are JSON.

    Args:
        more: further files, by centre and name.
        recipients: whose parts it has, where it is not the eight centres.
    """
    folder = home / "releases" / release_id
    period = Period.parse(release_id.partition(".")[0])
    inputs = {
        "settings": {"data_mode": "synthetic", "language": "nb"}, "code": "c", "model": "m", "rules": "r",
        "link_decisions": "", "deliveries": {},
    }  # fmt: skip
    pins = Pins(release_id, period, True, None, inputs, "fingerprint", serial)
    for centre_id in recipients:
        for name, content in FILES.items():
            path = folder / centre_id / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if path.suffix == ".json" else content + centre_id.encode())
        for name, content in (more or {}).get(centre_id, {}).items():
            (folder / centre_id / name).write_bytes(content)
        write_centre_manifest(folder / centre_id, pins)
    write_release_manifest(folder, pins, Reference("nb", [], {}, [], [], [], [], {}, {}, []), {})
    sign_release(folder)
    return folder


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("sender")
    with pytest.MonkeyPatch.context() as settings:
        configure(settings, AKRIM_HOME=str(home))
        create_keys()
        make_release(home, FIRST, 1)
        make_release(home, SECOND, 2)
        all_recipients()
    get_settings.cache_clear()
    return home


@pytest.fixture
def sender(made: Path, home: Path) -> Sender:
    """The installation's home, a fresh copy for the test, with the settings pointing at it."""
    shutil.copytree(made, home)
    return Sender(home)


@pytest.fixture
def release(sender: Sender, tmp_path: Path) -> Path:
    """The newer release, copied away from the installation."""
    return Path(shutil.copytree(sender.release(), tmp_path / "release"))


@pytest.fixture
def check(sender: Sender) -> Check:
    """Oslo's own folder of keys, on a day on which the release holds."""
    return Check(sender.keys("oslo"), DAY)


def state(release_id: str, recipient: str = "oslo", **said: object) -> dict[str, object]:
    return {"release_id": release_id, "recipient": recipient, "date": "2026-05-20", **said}
