"""The linkage cache: an incremental run from it equals a full relink, whatever happened before."""

import random
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import psycopg
import pytest
from akrim import warehouse as warehouse_module
from akrim.linkage import review, runs
from akrim.linkage.incremental import cache
from akrim.linkage.review.decisions import RecordKey
from akrim.settings import get_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.linkage.conftest import everything, read
from tests.linkage.person_records import Record, person_number, record
from tests.linkage.population import damaged, population

RELEASES = ("2026-T1.1", "2026-T2.1", "2026-T3.1", "2027-T1.1")
# The last step of a run fails as it would if the database went away, after all else was done.
FAIL = """
create function linkage.fail() returns trigger language plpgsql as $$ begin raise exception 'gone'; end $$;
create trigger fail before insert on linkage.runs execute function linkage.fail();
"""
MEND = "drop function linkage.fail cascade"


def namesakes(chance: random.Random, births: int) -> list[Record]:
    """Records of one full name and a birth date each."""
    days = [date(1950, 1, 1) + timedelta(days=997 * n) for n in range(births)]
    return [
        record(
            chance.choice(("nav", "brreg")),
            f"namesake-{n}",
            given_name="Odd",
            family_name="Nilsen",
            birth_date=str(day),
        )
        for n, day in enumerate(days)
    ]


def lodgers(chance: random.Random, names: int) -> list[Record]:
    """Differently named people at one address, with one phone."""
    return [
        record("nav", f"lodger-{n}", given_name=given, family_name=family, street_address="Brakkeveien 1", postcode="0150",
            phone="40000001", birth_date=str(date(1970, 1, 1) + timedelta(days=chance.randint(0, 9000))))
        for n, (given, family) in enumerate(zip(("Jan", "Per", "Kim", "Tor", "Leif", "Rolf", "Geir", "Stig", "Finn", "Knut"),
            ("Moe", "Lie", "Dahl", "Berg", "Hagen", "Strand", "Vik", "Foss", "Rud", "Krog"), strict=True))
        if n < names
    ]  # fmt: skip


def drawn_apart(period: int) -> list[Record]:
    """One without a number gets one in the end, by whom it joins. Of three alike whose numbers are others one has changed by then in
    its letters' case alone, a record that was another's comes back as somebody else, and one is still."""
    name: dict[str, str | None] = {"given_name": "Jan", "family_name": "Hansen", "postcode": "9600"}
    home: dict[str, str | None] = {"street_address": "Havnegata 3", "phone": "91234567"}
    first, second, joining = date(1962, 8, 9), date(1950, 2, 7), date(1975, 1, 19)
    one = record(
        "nav",
        "one",
        **name,
        birth_date=str(first),
        identifier=person_number(first),
        street_address="Elvegata 9",
    )
    other = name | {"birth_date": str(second), "identifier": person_number(second)}
    still = name | {"birth_date": "1944-04-03", "identifier": person_number(date(1944, 4, 3))}
    stands = [
        record("nav", key, **said)
        for key, said in (("drawn", name | home), ("other", other), ("still", still))
    ]
    if period == 0:
        return [*stands, one, record("brreg", "lost", **other)]
    if period < 3:
        return [*stands, one | {"extract": "renamed"}]
    number = person_number(joining)
    return [
        *stands, one | {"extract": "renamed", "street_address": "ELVEGATA 9"},
        record("brreg", "lost", given_name="Sahra", family_name="Ali", birth_date="1999-12-24"),
        record("skatteetaten", "joins", **name, **home, birth_date=str(joining), identifier=number),
    ]  # fmt: skip


def tied(period: int) -> list[Record]:
    """D-numbers and the numbers that they became: tied, met by one more record of either alone, claimed by two, and free again."""
    days = date(1985, 8, 24), date(1991, 6, 3)
    d_numbers = [person_number(day, d_number=True) for day in days]
    numbers = [person_number(day, 1) for day in days]
    one, other = (
        {"given_name": given, "family_name": "Dimitrov", "birth_date": str(day)}
        for given, day in zip(("Hristo", "Ivana"), days, strict=True)
    )
    there = [
        record("nav", "tied-d", **one, identifier=d_numbers[0]),
        record("skatteetaten", "tied-n", **one, identifier=numbers[0], previous_identifier=d_numbers[0] if period else None),
        record("nav", "claimed-d", **other, identifier=d_numbers[1] if period < 3 else "1"),
        record("skatteetaten", "claimed-n", **other, identifier=numbers[1], previous_identifier=d_numbers[1]),
    ]  # fmt: skip
    if period >= 2:
        there.append(record("brreg", "tied-d", **one, identifier=d_numbers[0]))
    if period == 3:
        there.append(record("arbeidstilsynet", "tied-n", **one, identifier=numbers[0]))
    if period == 1:
        again = person_number(days[1], 2)
        there.append(
            record("politiet", "claims", **other, identifier=again, previous_identifier=d_numbers[1])
        )
    return there


def in_doubt(period: int) -> list[Record]:
    """One who fits two persons alike is parked, until one of them grows by a record that she does not fit."""
    born = date(1985, 6, 14)
    name: dict[str, str | None] = {
        "given_name": "Borghild",
        "family_name": "Skarvoll",
        "birth_date": str(born),
    }
    home: dict[str, str | None] = {"postcode": "0450", "street_address": "Granveien 9"}
    first, second = person_number(born, 1), person_number(born, 2)
    there = [
        record("nav", "first", **name, **home, identifier=first, phone="95550011"),
        record("brreg", "second", **name, **home, identifier=second),
        record("politiet", "either", **name, **home),
    ]
    if period >= 2:
        mistyped = first[:7] + first[8] + first[7] + first[9:]
        there.append(
            record("arbeidstilsynet", "grows", given_name="Borghild", family_name="Tangen", identifier=mistyped, phone="95550011")
        )  # fmt: skip
    return there


def history(seed: int) -> list[list[Record]]:
    """Period after period: most stays, some goes, comes back, changes or is new; an address and a phone are shared by
    more and fewer, and a name becomes common and rare again."""
    chance = random.Random(seed)
    settled = population(seed, persons=90)
    periods = []
    for period, (names, births) in enumerate(((6, 29), (9, 32), (5, 28), (8, 31))):
        fresh = [
            r | {"source_record_id": f"{period}-{r['source_record_id']}"}
            for r in population(seed + 50 + period, persons=2)
        ]
        doubles = [
            damaged(r, chance) | {"source_record_id": f"again-{period}-{r['source_record_id']}"}
            for r in chance.sample(settled, k=3)
        ]
        there = [r for r in settled if chance.random() > 0.03]
        periods.append(
            there
            + fresh
            + doubles
            + lodgers(random.Random(seed), names)
            + namesakes(random.Random(seed), births)
            + drawn_apart(period)
            + tied(period)
            + in_doubt(period)
        )
        settled = [damaged(r, chance) if chance.random() < 0.02 else r for r in settled] + fresh
    return periods


def give_verdicts(chance: random.Random) -> None:
    """On three pairs that were weighed, decided on before or not."""
    weighed = read(
        "select source_l, source_record_id_l, source_r, source_record_id_r from linkage.findings"
        " where valid_to_release is null and match_weight is not null order by 1, 2, 3, 4"
    )
    decided = read(
        "select source_l, source_record_id_l, source_r, source_record_id_r from linkage.standing_verdicts order by 1, 2, 3, 4"
    )
    for source_l, id_l, source_r, id_r in [*chance.sample(weighed, k=2), chance.choice(decided or weighed)]:
        one, other = RecordKey(str(source_l), str(id_l)), RecordKey(str(source_r), str(id_r))
        review.decide(one, other, chance.choice(("same", "different", "unsure")), "By chance", "a clerk")


def layers() -> int:
    """The number of layers of the newest cache."""
    folders = [path for path in cache.caches().iterdir() if not path.name.startswith(".")]
    return max(len(cache.Cache(folder).layers) for folder in folders)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_an_incremental_run_equals_a_full_relink(
    seed: int, stage: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MAX_SHARE_OF_UPPER_LAYERS", 9)
    base, deepest, chance = None, 0, random.Random(seed)
    for period, (records, release_id) in enumerate(zip(history(seed), RELEASES, strict=False)):
        stage(records, release_id, base)
        if period == 1 and seed == 0:
            shutil.rmtree(cache.caches())
        if period == 2 and seed == 1:
            _fail_at_the_end(release_id)
        summary = runs.link(release_id, in_full=True)
        left = everything()
        if base:  # the next release goes on from what an incremental run has left
            assert runs.link(release_id) == summary
            assert everything() == left
        deepest = max(deepest, layers())
        give_verdicts(chance)
        base = release_id
    assert deepest > 2, "no run went on from an incremental one"


def _fail_at_the_end(release_id: str) -> None:
    before, caches = everything(), sorted(cache.caches().iterdir())
    with warehouse_module.connect() as connection:
        connection.execute(FAIL)
    with pytest.raises(psycopg.DatabaseError):
        runs.link(release_id)
    with warehouse_module.connect() as connection:
        connection.execute(MEND)
    assert (everything(), sorted(cache.caches().iterdir())) == (before, caches)


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


def test_caches_work_in_a_home_of_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under an equals sign too: it makes no column of a folder's name."""
    monkeypatch.setenv("AKRIM_HOME", str(tmp_path / "o'brien; drop table [1] *" / "held=2"))
    get_settings.cache_clear()
    with duckdb.connect() as con:
        con.execute("create table tally as select 1 as pairs")
        for table, key in cache.KEYS.items():
            con.execute(f"create table layer_{table} as select '1' as {key}, 1 as value")
            con.execute(f"create table removed_{table} as select '1' as {key}")
        below = None
        for number in range(3):  # the third makes the upper layers too large, so that all are merged
            with cache.new_folder() as folder:
                cache.publish(cache.write(con, folder, below), str(number), None)
            below = cache.find(str(number))
            assert below is not None
            below.create_views(con)
            assert con.execute("from cached_tally").fetchall() == [(1,)]
            for table in cache.KEYS:
                assert con.execute(f"from cached_{table}").fetchall() == [("1", 1)]


def test_a_cache_belongs_to_one_run_model_rule_and_server() -> None:
    expected = [
        cache.Names("model", "strict", 180000).of("token"),
        cache.Names("model", "strict", 180000).of("another"),
        cache.Names("another", "strict", 180000).of("token"),
        cache.Names("model", "2032", 180000).of("token"),
        cache.Names("model", "strict", 170000).of("token"),
    ]
    assert len(set(expected)) == len(expected)
