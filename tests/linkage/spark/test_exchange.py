"""Tables go over an object storage and back, and nothing of them stays: in a bucket, in a folder, on this machine."""

import re
from pathlib import Path

import boto3
import duckdb
import pytest
from akrim.errors import UserError
from akrim.linkage.spark.exchange import open_exchange, require_plain
from akrim.linkage.spark.screening import _write

from tests.conftest import configure
from tests.storages.bucket import stored


def exchange_in(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, AKRIM_LINKAGE_EXCHANGE=address)


def test_a_bucket(home: Path, bucket: None, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange_in("s3://moro/linkage", monkeypatch)
    with open_exchange() as exchange:
        duckdb.sql(
            f"copy (select range as n from range(5)) to '{exchange.folder}/descriptions'"
            " (format parquet, file_size_bytes '1MB')"
        )
        exchange.hand_over("descriptions")
        assert list(exchange.folder.iterdir()) == []
        (key,) = stored()
        assert exchange.address("descriptions") == f"s3a://moro/{key.rpartition('/')[0]}"
        # Whatever has been laid there is read back; Spark lays an empty file beside it.
        client = boto3.Session().client("s3")
        client.copy_object(
            Bucket="moro", CopySource=f"moro/{key}", Key=key.replace("descriptions", "weighed")
        )
        client.put_object(Bucket="moro", Key=f"{key.split('/descriptions')[0]}/weighed/_SUCCESS", Body=b"")
        files = exchange.take_back("weighed")
        assert duckdb.sql(f"select sum(n) from '{files}'").fetchall() == [(10,)]
    assert stored() == []
    assert not exchange.folder.exists()


def test_a_folder(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = tmp_path / "what's shared"
    shared.mkdir()
    exchange_in(str(shared), monkeypatch)
    with open_exchange() as exchange:
        assert exchange.folder.parent == shared
        assert exchange.folder.stat().st_mode & 0o077 == 0
        assert exchange.address("descriptions") == str(exchange.folder / "descriptions")
        with duckdb.connect() as con:
            _write(con, exchange, "descriptions", "select 1 as n")
            assert con.execute("from read_parquet(?)", [exchange.take_back("descriptions")]).fetchall() == [
                (1,)
            ]
    assert list(shared.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "told"), [("parts*", "take *"), ("a[1]", "take [ ]"), ("{a}", "take { }"), ("a,b", "take ,")]
)
def test_a_folder_that_would_be_taken_for_several_is_refused(
    name: str, told: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spark's own folders are parted by commas, what it reads is a pattern, as is what DuckDB reads."""
    (tmp_path / name).mkdir()
    exchange_in(str(tmp_path / name), monkeypatch)

    def opened() -> None:
        with open_exchange() as exchange:
            require_plain(exchange.folder, more=",")

    with pytest.raises(UserError, match=re.escape(told)):
        opened()
    assert list((tmp_path / name).iterdir()) == []
