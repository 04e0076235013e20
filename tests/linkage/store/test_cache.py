"""The linkage cache: layers give the newest rows, in a home of any name, and each belongs to one run and one version of the code."""

import shutil
from pathlib import Path

import duckdb
import pytest
from akrim.linkage.store import cache
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import configure

CHANGES = st.lists(
    st.dictionaries(st.integers(0, 9), st.one_of(st.none(), st.integers(0, 3)), max_size=6), max_size=5
)


@settings(max_examples=15)
@given(CHANGES)
def test_layers_give_the_newest_value_of_each_row(changes: list[dict[int, int | None]]) -> None:
    """A change maps a key to its new value, or to None if the row is removed."""
    with duckdb.connect() as con:
        expected: dict[int, int] = dict.fromkeys(range(10), 0)
        below = None
        for number, change in enumerate([dict(expected), *changes]):
            expected = {key: value for key, value in (expected | change).items() if value is not None}
            for table, key in cache.KEYS.items():
                rows = [(key_of, value) for key_of, value in change.items() if value is not None]
                con.execute(f"create or replace table layer_{table} ({key} varchar, value int)")
                con.execute(f"create or replace table removed_{table} ({key} varchar)")
                for row in rows:
                    con.table(f"layer_{table}").insert(row)
                for key_of in change:
                    con.table(f"removed_{table}").insert([key_of])
            con.execute("create or replace table tally as select 1 as pairs")
            with cache.new_folder() as folder:
                written = cache.write(con, folder, below)
                cache.publish(written, str(number), str(number - 1))
            below = cache.find(str(number))
            assert below is not None
            below.create_views(con)
            for table in cache.KEYS:
                assert {
                    int(key): value for key, value in con.execute(f"from cached_{table}").fetchall()
                } == expected
            assert not below.needs_merging
        assert len(list(cache.caches().iterdir())) <= 2


@pytest.fixture(autouse=True)
def _own_home(home: Path) -> Path:
    return home


@pytest.mark.parametrize("has_links", [True, False])
def test_caches_work_in_a_home_of_any_name(
    has_links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under an equals sign too: it makes no column of a folder's name. On a file system without hard links, files are copied."""
    configure(monkeypatch, AKRIM_HOME=str(tmp_path / "o'brien; drop table [1] *" / "held=2"))
    if not has_links:
        monkeypatch.setattr(Path, "hardlink_to", _refuse)
    layered = []
    with duckdb.connect() as con:
        con.execute("create table tally as select 1 as pairs")
        for table, key in cache.KEYS.items():
            con.execute(f"create table layer_{table} as select unnest(['1', '2', '3']) as {key}, 1 as value")
            con.execute(f"create table removed_{table} as select '1' as {key}")
        below = None
        for number in range(3):  # the third makes the upper layers too large, so that all are merged
            with cache.new_folder() as folder:
                cache.publish(cache.write(con, folder, below), str(number), None)
            below = cache.find(str(number))
            assert below is not None
            below.create_views(con)
            layered.append(len(below.layers))
            held = [cache.caches(), *cache.caches().rglob("*")]
            assert {path.stat().st_mode & 0o077 for path in held} == {0}, "personal data are the user's own"
            assert con.execute("from cached_tally").fetchall() == [(1,)]
            for table, key in cache.KEYS.items():
                rows = con.execute(f"from cached_{table} order by all").fetchall()
                assert rows == [("1", 1), ("2", 1), ("3", 1)]
                con.execute(f"delete from layer_{table} where {key} <> '1'")
    assert layered == [1, 2, 1]


def _refuse(*_: object) -> None:
    raise OSError


def test_a_cache_leaves_the_one_that_it_began_from_and_no_other() -> None:
    for name, base in (("a", None), ("b", "a"), ("c", "b"), ("c", "b")):
        with cache.new_folder() as folder:
            (folder / "000").mkdir()
            cache.publish(cache.Cache(folder), name, base)
    assert {path.name for path in cache.caches().iterdir()} == {"b", "c"}


def test_what_is_not_finished_goes_with_its_run_or_with_the_next() -> None:
    (cache.caches() / f"{cache.UNFINISHED}1" / "000").mkdir(parents=True)
    with cache.new_folder() as folder:
        assert list(cache.caches().iterdir()) == [folder]
    assert list(cache.caches().iterdir()) == []


def test_a_cache_belongs_to_one_run_model_rule_server_code_and_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = [
        cache.Names("model", "strict", 180000).of("token"),
        cache.Names("model", "strict", 180000).of("another"),
        cache.Names("another", "strict", 180000).of("token"),
        cache.Names("model", "2032", 180000).of("token"),
        cache.Names("model", "strict", 170000).of("token"),
    ]
    monkeypatch.setattr(cache, "_code_digest", lambda: "another")
    names.append(cache.Names("model", "strict", 180000).of("token"))
    monkeypatch.setattr(duckdb, "__version__", "another")
    names.append(cache.Names("model", "strict", 180000).of("token"))
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("name", "is_code"),
    [
        ("linkage/engine.py", True),
        ("linkage/store/definitions.sql", True),
        ("linkage/records/names.csv", True),
        ("identifiers.py", True),
        ("linkage/README.md", False),
        ("settings.py", False),
    ],
)
def test_the_code_is_what_builds_the_tables(
    name: str, is_code: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "linkage" / "store" / "cache.py"))
    (tmp_path / "identifiers.py").touch()
    changed = tmp_path / name
    changed.parent.mkdir(parents=True, exist_ok=True)
    digests = []
    for text in ("one", "other"):
        changed.write_text(text)
        digests.append(cache._code_digest.__wrapped__())
    assert (digests[0] != digests[1]) == is_code


@pytest.mark.parametrize(
    "lost", ["000", "001", "000/standard.parquet", "001/tally.parquet", "001/standard.removed.parquet"]
)
def test_a_cache_of_which_something_was_lost_is_none(lost: str) -> None:
    """It could not be read; the run then links in full."""
    with duckdb.connect() as con:
        con.execute("create table tally as select 1 as pairs")
        for table, key in cache.KEYS.items():
            con.execute(
                f"create table layer_{table} as select unnest(range(9))::varchar as {key}, 1 as value"
            )
            con.execute(f"create table removed_{table} as select '1' as {key}")
        below = None
        for name in "ab":
            if below:
                for table in cache.KEYS:
                    con.execute(f"delete from layer_{table} where rowid > 0")
            with cache.new_folder() as folder:
                cache.publish(cache.write(con, folder, below), name, None)
            below = cache.find(name)
    assert below
    assert len(below.layers) == 2
    path = below.folder / lost
    if path.is_dir():
        shutil.rmtree(path)
        assert cache.find("b") is None
        return
    whole = path.read_bytes()
    for left in (b"", whole[: len(whole) // 2], None):
        path.unlink(missing_ok=True)
        if left is not None:
            path.write_bytes(left)
        assert cache.find("b") is None
