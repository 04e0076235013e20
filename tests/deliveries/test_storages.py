"""An inbox and an outbox in an S3 bucket and over SFTP, by servers that fail as such servers do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from akrim.deliveries.inbox.files import CLIENTS

from tests.deliveries.building import full_delivery
from tests.deliveries.conftest import Receiver

SECRETS = ("first-secret", "not-the-secret", "hemmelig", "not-the-password")


@pytest.mark.slow
@pytest.mark.installation
@pytest.mark.parametrize("kind", ["s3", "sftp"])
def test_a_storage_that_fails_is_told_of_and_nothing_is_half_taken(
    receiver: Receiver, kind: str, tmp_path: Path
) -> None:
    for number in (1, 2):
        full_delivery("nav", number=number).write(tmp_path / "laid" / f"nav-2025-T3-{number:02d}")
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(tmp_path), "FSSPEC_SFTP_PASSWORD": "hemmelig-sftp",
    }  # fmt: skip
    program = [sys.executable, "-m", "tests.storages.scenario", kind, str(tmp_path)]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert not [secret for secret in SECRETS if secret in done.stdout + done.stderr]
    told = [line for line in done.stdout.splitlines() if "[info" in line]
    assert not [line for line in told if any(f"[{client}" in line for client in CLIENTS)], (
        "of its connections no client tells among what is printed"
    )
