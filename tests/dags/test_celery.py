"""Tasks on Celery's workers: from objects in a bucket to a release that two people let go, a centre opened and answered for; and parts made apart."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import psycopg
import pytest
from akrim.contracts import recipients

from tests.dags.services import Airflow, drop, ending, free_port, synthesize, wait_for
from tests.installation import AKRIM, bytes_of
from tests.letters import Letters

pytestmark = [pytest.mark.slow, pytest.mark.thorough, pytest.mark.timeout(2400)]

RELEASE = "2026-T1.1"
SEALED = f"outbox/oslo/{RELEASE}.tar.age"
MAIL = ("AKRIM_SMTP_HOST", "AKRIM_SMTP_PORT", "AKRIM_SMTP_STARTTLS", "AKRIM_NOTIFY")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """The address of a Redis of its own."""
    port = str(free_port())
    command = ["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    redis = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    yield f"redis://127.0.0.1:{port}"
    redis.terminate()
    redis.wait()


@pytest.fixture
def bucket() -> Iterator[dict[str, str]]:
    """A bucket `moro` on an S3 server of its own; yields the environment that leads there."""
    port = str(free_port())
    moto = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", port],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    there = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "akrim",
        "AWS_SECRET_ACCESS_KEY": "akrim-secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    wait_for(lambda: listens(int(port)), 60, "the S3 server")
    client(there).create_bucket(Bucket="moro")
    yield there
    moto.terminate()
    moto.wait()


def by_celery(broker: str) -> dict[str, str]:
    return {
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CELERY__BROKER_URL": f"{broker}/0",
        "AIRFLOW__CELERY__RESULT_BACKEND": f"{broker}/1",
    }


def worker(name: str, queues: str) -> tuple[str, ...]:
    """The command of a worker that takes two tasks at once from these queues."""
    about = ("--celery-hostname", name, "--queues", queues, "--concurrency", "2", "--skip-serve-logs")
    return "celery", "worker", *about


def listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def client(there: dict[str, str]) -> "boto3.client":
    return boto3.client(
        "s3",
        endpoint_url=there["AWS_ENDPOINT_URL"],
        aws_access_key_id=there["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=there["AWS_SECRET_ACCESS_KEY"],
        region_name=there["AWS_DEFAULT_REGION"],
    )


def lay(folder: Path, there: dict[str, str]) -> None:
    """Put deliveries into the bucket's inbox, each manifest after its files."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in sorted(files, key=lambda path: path.name == "manifest.json"):
        client(there).upload_file(str(path), "moro", f"inbox/{path.relative_to(folder)}")


def is_in_outbox(name: str, there: dict[str, str]) -> bool:
    return bool(client(there).list_objects_v2(Bucket="moro", Prefix=name).get("KeyCount"))


def open_as_oslo(home: Path, there: dict[str, str], at: Path) -> None:
    """Fetch, verify and open the centre's part with its own keys, and put the receipt for it into the outbox."""
    at.mkdir()
    client(there).download_file("moro", SEALED, str(at / "fetched.tar.age"))
    keys, receipts = home / "keys" / "demo" / "oslo", at / "receipts"
    about = ["--keys", str(keys), "--out", str(at / "opened"), "--receipt", str(receipts)]
    subprocess.run(
        [*AKRIM, "releases", "decrypt", str(at / "fetched.tar.age"), *about],
        check=True,
        capture_output=True,
        env={**os.environ, "AKRIM_HOME": str(at)},
    )
    assert (at / "opened" / RELEASE / "oslo" / "assessment.html").is_file()
    for receipt in receipts.rglob("*.json*"):
        client(there).upload_file(str(receipt), "moro", f"outbox/oslo/{receipt.name}")


def test_from_a_bucket_to_a_centres_receipt_by_two_workers(
    compose_database: Callable[[str], str],
    broker: str,
    bucket: dict[str, str],
    letters: Letters,
    tmp_path: Path,
) -> None:
    home = tmp_path / "shared"
    home.mkdir(mode=0o700)
    for period in ("2025-T3", "2026-T1"):
        synthesize(tmp_path / "delivered", period)
    more = {
        **bucket,
        **by_celery(broker),
        **{name: os.environ[name] for name in MAIL},
        "AKRIM_INBOX": "s3://moro/inbox",
        "AKRIM_OUTBOX": "s3://moro/outbox",
        "AKRIM_APPROVAL": "always",
    }
    airflow = Airflow(home, compose_database, more)
    workers = {name: worker(name, "default") for name in ("first", "second")}
    with airflow.running(**workers):
        lay(tmp_path / "delivered", bucket)
        wait_for(lambda: (RELEASE, "success") in airflow.ended("publish"), 900, "a release that is held")
        assert not (home / "releases" / RELEASE).exists(), "nobody has let it go"
        assert RELEASE in airflow.akrim("releases", "list")
        airflow.akrim("releases", "approve", RELEASE, "--by", "Kari Vakt", "--reason", "looked through")
        wait_for(lambda: is_in_outbox(SEALED, bucket), 60, "the centre's part in its outbox")
        open_as_oslo(home, bucket, tmp_path / "oslo")
        airflow.do("dags", "trigger", "deliver_rest")
        wait_for(lambda: airflow.ended("deliver_rest", "manual") != [], 180, "the reading of receipts")
        backfill = ("--from-date", "2025-09-01", "--to-date", "2025-09-02")
        airflow.do("backfill", "create", "--dag-id", "end_period", *backfill)
        earlier = ("2025-T3.1", "success")
        wait_for(lambda: earlier in airflow.ended("publish"), 900, "a release of the period before")
    with psycopg.connect(compose_database("akrim")) as connection:
        known = dict(connection.execute("select release_id, status from meta.releases").fetchall())
        read = connection.execute(
            "select centre_id from meta.sent_releases where receipt_at is not null"
        ).fetchall()
    assert known == {RELEASE: "published", "2025-T3.1": "building"}, (
        "what is made of an earlier period waits as well"
    )
    assert read == [("oslo",)]
    assert [to for to, _ in letters.got] == [["leder@oslo.example", "vakt@oslo.example"]]
    for name in workers:
        assert "succeeded in" in (tmp_path / f"{name}.log").read_text(), "each worker took tasks"


def test_parts_that_workers_make_without_a_common_home_are_those_that_one_makes(
    compose_database: Callable[[str], str], broker: str, bucket: dict[str, str], tmp_path: Path
) -> None:
    """One worker has the home folder and takes everything; another has one of its own, and makes parts alone."""
    shared, own = tmp_path / "shared", tmp_path / "own"
    for folder in (shared, own, tmp_path / "inbox", tmp_path / "scratch"):
        folder.mkdir(mode=0o700)
    synthesize(tmp_path / "delivered", "2026-T1")
    more = {**bucket, **by_celery(broker), "AKRIM_PARTS_EXCHANGE": "s3://moro/exchange/parts"}
    airflow = Airflow(shared, compose_database, more)
    elsewhere = airflow.elsewhere(own, {"TMPDIR": str(tmp_path / "scratch")})
    with (
        airflow.running(first=worker("first", "default,parts")),
        ending(elsewhere.start("second", *worker("second", "parts"))),
    ):
        drop(tmp_path / "delivered", tmp_path / "inbox")
        wait_for(lambda: airflow.ended("publish") != [], 900, "the release")
    assert airflow.ended("publish") == [(RELEASE, "success")]
    with psycopg.connect(compose_database("airflow")) as connection:
        made = connection.execute(
            "select rendered_map_index, state, try_number from task_instance where task_id = 'make_part'"
        ).fetchall()
        handed_on = connection.execute(
            "select value::jsonb #>> '{}' from xcom where task_id = 'make_part' and key = 'return_value'"
        ).fetchall()
    assert sorted(made) == [(recipient, "success", 1) for recipient in sorted(recipients())]
    others = [value for (value,) in handed_on if not re.fullmatch(r'{"[a-z]+": "[0-9a-f]{64}"}', value)]
    assert (len(handed_on), others) == (len(made), []), "a recipient and a digest each"
    assert "succeeded in" in (tmp_path / "second.log").read_text(), "it took some"
    assert not (own / "releases").exists()
    assert not list((tmp_path / "scratch").iterdir())
    assert not is_in_outbox("exchange/", bucket), "what was exchanged is gone"
    alone = airflow.elsewhere(tmp_path / "alone", {"AKRIM_PARTS_EXCHANGE": ""})
    whole = f"from akrim.releases import publish; publish({RELEASE!r})"
    subprocess.run([sys.executable, "-c", whole], check=True, env=alone.environment("init"))
    assert bytes_of(shared / "releases" / RELEASE) == bytes_of(alone.home / "releases" / RELEASE)
