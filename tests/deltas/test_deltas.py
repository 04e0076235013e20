"""Previous + delta = this one, for any two tables and any chain of releases; and an altered folder is detected."""

import json
import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from akrim.deltas import IdentityChanges, check, write_delta
from akrim.deltas.difference import CHANGE, aligned, applied, difference
from akrim.deltas.state import row_texts, table_state
from hypothesis import given
from hypothesis import strategies as st

SCHEMA = pa.schema([
    ("release_id", pa.string()), ("person_id", pa.string()), ("name", pa.string()), ("points", pa.int32()),
    ("weight", pa.float64()), ("is_active", pa.bool_()), ("since", pa.date32()),
])  # fmt: skip
KEY = ["person_id"]
TEXTS = st.one_of(
    st.none(),
    st.sampled_from(["", "\\N", "a\tb", "a\\tb", "c\nd", "æøå", "\u202e"]),
    st.text(alphabet="aN\\\t\n\r", max_size=4),
)
ROWS = st.fixed_dictionaries({
    "person_id": st.sampled_from([f"P{n}" for n in range(8)]), "name": TEXTS, "points": st.integers(-5, 5),
    "weight": st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
    "is_active": st.one_of(st.none(), st.booleans()), "since": st.one_of(st.none(), st.dates()),
})  # fmt: skip
TABLES = st.lists(ROWS, max_size=8, unique_by=lambda row: row["person_id"])


def table(rows: list[dict[str, Any]], release_id: str = "r1") -> pa.Table:
    return pa.Table.from_pylist([{"release_id": release_id, **row} for row in rows], schema=SCHEMA)


def write(
    folder: Path,
    release_id: str,
    data: pa.Table,
    previous: pa.Table | None,
    earlier: str | None,
    key: list[str] = KEY,
) -> Path:
    """A centre's folder with one table."""
    (folder / "data").mkdir(parents=True)
    pq.write_table(data, folder / "data" / "persons.parquet", store_schema=False)
    about = {"release_id": release_id, "recipient": "oslo", "previous": earlier}
    (folder / "manifest.json").write_text(json.dumps(about))
    write_delta(
        folder, about, {} if previous is None else {"persons": previous}, {"persons": data},
        {"persons": tuple(key)}, IdentityChanges(),
    )  # fmt: skip
    return folder


@given(st.lists(TABLES, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_deltas_compose_over_any_history(history: list[list[dict[str, Any]]], chance: Any) -> None:
    made = table(history[0])
    for number, rows in enumerate(history[1:], start=2):
        later = table(rows, f"r{number}")
        made = applied(made, difference(made, later, KEY), KEY)
        shuffled = made.take(pa.array(chance.sample(range(made.num_rows), made.num_rows), pa.int64()))
        assert table_state("persons", shuffled) == table_state("persons", later)


@given(TABLES, TABLES)
def test_states_are_equal_only_where_the_rows_are(
    one: list[dict[str, Any]], other: list[dict[str, Any]]
) -> None:
    def plain(rows: list[dict[str, Any]]) -> list[Any]:
        # -0.0 and 0.0 are one number.
        return sorted(
            map(
                str,
                (
                    {**row, "weight": row["weight"] or (None if row["weight"] is None else 0.0)}
                    for row in rows
                ),
            )
        )

    assert (table_state("t", table(one)) == table_state("t", table(other, "r2"))) == (
        plain(one) == plain(other)
    )


def test_each_row_says_how_it_came_or_went() -> None:
    empty = {"name": "x", "points": 1, "weight": None, "is_active": None, "since": None}
    before = table([{"person_id": p, **empty} for p in ("kept", "altered", "gone", "merged", "erased")])
    after = table(
        [{"person_id": p, **empty} for p in ("kept", "new", "split")]
        + [{"person_id": "altered", **empty, "points": 2}]
    )
    moved = IdentityChanges(
        frozenset({"merged", "erased"}), frozenset({"split", "altered"}), frozenset({"erased"})
    )
    told = difference(before, after, KEY, moved)
    assert table_state("t", applied(before, told, KEY)) == table_state("t", after)
    assert dict(zip(told["person_id"].to_pylist(), told[CHANGE].to_pylist(), strict=True)) == {
        "altered": "changed", "gone": "removed", "merged": "merged", "erased": "erased", "new": "added", "split": "split",
    }  # fmt: skip
    assert {row["name"] for row in told.to_pylist() if row[CHANGE] in ("removed", "merged", "erased")} == {
        None
    }


def test_a_row_is_hashed_as_copy_writes_it() -> None:
    values = pa.table({"text": ["a\\b\tc\nd\re", None, ""]})
    assert row_texts(values, ["text"]) == [r"a\\b\tc\nd\re", r"\N", ""]


def test_where_the_key_is_not_unique_the_whole_row_is_it(tmp_path: Path) -> None:
    empty = {"weight": None, "is_active": None, "since": None}
    twice = [{"person_id": "a", "name": name, "points": 1, **empty} for name in ("x", "y")]
    first, second = table(twice), table([*twice[1:], twice[0] | {"name": "z"}], "r2")
    base = write(tmp_path / "1", "r1", first, None, None)
    folder = write(tmp_path / "2", "r2", second, first, "r1")
    assert check(folder, base) == []


def test_a_column_that_comes_is_part_of_the_delta() -> None:
    before, after = pa.table({"id": ["a", "b"]}), pa.table({"id": ["a", "b"], "new": [1, None]})
    wider = aligned(before, after.schema)
    assert difference(wider, after, ["id"]).to_pylist() == [{"change": "changed", "id": "a", "new": 1}]


def test_whole_numbers_have_one_state_whatever_their_type() -> None:
    values = [1, 2, -3]
    assert table_state("t", pa.table({"n": pa.array(values, pa.int64())})) == table_state(
        "t", pa.table({"n": pa.array(map(float, values), pa.float64())})
    )
    assert not math.isclose(table_state("t", pa.table({"n": [1]})), table_state("t", pa.table({"m": [1]})))
    assert table_state("t", pa.table({"n": [1]})) != table_state("u", pa.table({"n": [1]}))


def test_a_folder_is_checked_against_the_one_before(tmp_path: Path) -> None:
    empty = {"weight": 0.5, "is_active": True, "since": None}
    first = table([{"person_id": "a", "name": "x", "points": 1, **empty}])
    second = table(
        [
            {"person_id": "a", "name": "y", "points": 1, **empty},
            {"person_id": "b", "name": "z", "points": 2, **empty},
        ],
        "r2",
    )
    base = write(tmp_path / "1", "r1", first, None, None)
    folder = write(tmp_path / "2", "r2", second, first, "r1")
    assert check(folder, base) == []
    assert json.loads((folder / "delta.json").read_text())["tables"]["persons"]["added"] == 1
    assert "is against oslo's r1" in check(folder, folder)[0]

    for path, key, altered, told in (
        (base / "manifest.json", "recipient", "bergen", "delta.json: is against oslo's r1, not bergen's r1"),
        (
            folder / "delta.json",
            "state_before",
            "0",
            "delta.json: state_before is not the sum of the tables'",
        ),
        (folder / "delta.json", "state_after", "0", "delta.json: state_after is not the sum of the tables'"),
    ):
        sound = path.read_text()
        path.write_text(json.dumps(json.loads(sound) | {key: altered}))
        assert check(folder, base) == [told]
        path.write_text(sound)
    delta = folder / "delta" / "persons.parquet"
    sound_delta = delta.read_bytes()
    pq.write_table(pq.read_table(delta).slice(1), delta)
    assert check(folder, base) == ["persons: previous + delta gives other rows than this release holds"]
    delta.write_bytes(sound_delta)

    pq.write_table(second.slice(0, 1), folder / "data" / "persons.parquet")
    assert check(folder, base) == ["persons: this release holds other rows than delta.json says"]
    pq.write_table(second, base / "data" / "persons.parquet")
    assert "persons: the previous release holds other rows than the delta starts from" in check(folder, base)
    assert check(tmp_path, base) == [
        "there is no delta.json: each centre's part of a release has its own, and nothing else has one"
    ]
    manifest = json.loads((base / "manifest.json").read_text()) | {"erased": {"date": "2026-05-02"}}
    (base / "manifest.json").write_text(json.dumps(manifest))
    assert check(folder, base) == ["r1 was erased there on 2026-05-02, so that no delta can start from it"]

    (base / "manifest.json").write_text("[]")
    assert "cannot be followed: TypeError" in check(folder, base)[0]


def test_a_delta_from_a_release_whose_key_had_another_name_gives_this_one(tmp_path: Path) -> None:
    """A renamed column is a new one to whoever checks, with an earlier program too: every row goes and comes once."""
    empty = {"name": "x", "points": 1, "weight": 0.5, "is_active": True, "since": None}
    named = table([{"person_id": "a", **empty}, {"person_id": "b", **empty}])
    before = named.rename_columns(["release_id", "subject_id", *named.column_names[2:]])
    base = write(tmp_path / "1", "r1", before, None, None, ["subject_id"])
    folder = write(tmp_path / "2", "r2", named, before, "r1")
    assert check(folder, base) == []
    told = pq.read_table(folder / "delta" / "persons.parquet")
    assert sorted(told[CHANGE].to_pylist()) == ["added", "added", "removed", "removed"]
