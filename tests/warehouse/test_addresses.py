"""An address is the same home however clerks write it, and never another's; what is protected is known in more ways still."""

import time

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SAME = [
    ["Storgata 5", "Storgata nr. 5", "STORGATA NR 5", "Storgata nummer 5", "Storgata 05", "Storgt. 5", "Storgate 5", "Storgaten nr. 05"],
    ["Sankt Olavs gate 5", "St. Olavs gate 5", "St Olavs gt. 5", "ST.OLAVS GATE 5"],
    ["Doktor Holms vei 3", "Dr. Holms vei 3", "Dr Holms vn. 3", "DR.HOLMS V. 3", "Doktor Holms veg 03"],
    ["Postboks 12", "Pb 12", "PB. 12", "P.b. 12", "Boks 12", "Post boks 12", "Postboks nr. 12"],
    ["Storgata 5-7", "Storgt. 5 - 7", "Storgata 5–7", "STORGATA 5/7"],
    ["Storgata 5 A", "storgata 5a", "Storgt. 05A"],
    ["Øvre Åsvegen 14", "ØVRE ÅSVG. 14", "Øvre Åsvei 14"],
    ["Torvplassen 2", "Torvpl. 2"],
]  # fmt: skip
APART = [
    "Storgata 5", "Storgata 5-7", "Storgata 57", "Storgata 5 A", "Storgata 5 B", "Storgata 50", "Storgata 105", "Nedre Storgata 5",
    "Gnr. 5 bnr. 7", "Gnr. 57", "Gata 5", "Borg 5", "Borgata 5", "Bø 5", "Bo 5", "Ås 5", "As 5", "Pb 5", "c/o Prøve Storgata 5",
    "Lia 150", "Lia 0150", "Henrik 5", "Storgata",
]  # fmt: skip
# What an address was known by before its words were spelt alike.
BEFORE = "array(select meta.address_key(part) from unnest(array[a] || regexp_split_to_array(a, '[,;\n]')) as part where part <> '')"
WRITTEN = st.builds(
    "{0} {1}{2}{3}".format,
    st.sampled_from(["Sankt Olavs gate", "Doktor Holms vei", "Storgata", "Postboks", "Åsvegen", "Torvplassen", "c/o Prøve, Nygata", "0150 Lia"]),
    st.sampled_from(["", "nr. ", "nr ", "0", "nr. 0"]),
    st.integers(1, 99),
    st.sampled_from(["", " A", "b", "-7", ", H0201", " leil. 3", "\n0150 Oslo"]),
)  # fmt: skip


def keys(address: str, written: list[str]) -> list[str]:
    with psycopg.connect(address) as connection:
        query = "select meta.home_key(a) from unnest(%s::text[]) with ordinality as t (a, i) order by i"
        return [key for (key,) in connection.execute(query, [written]).fetchall()]


@pytest.mark.parametrize("written", SAME, ids=lambda written: written[0])
def test_an_address_is_the_same_however_it_is_written(warehouse: str, written: list[str]) -> None:
    assert len(set(keys(warehouse, written))) == 1


def test_no_two_homes_are_one(warehouse: str) -> None:
    assert len(set(keys(warehouse, APART))) == len(APART)


def share(address: str, kind: str, one: list[str], other: list[str]) -> list[bool]:
    """Whether what is protected at one address is hidden at the other, for each pair."""
    query = f"""select exists (
        select meta.protected_address_digests(a, '0150') intersect select meta.{kind}_address_digests(b, '0150')
    ) from unnest(%s::text[], %s::text[]) with ordinality as t (a, b, i) order by i"""
    with psycopg.connect(address) as connection:
        return [found for (found,) in connection.execute(query.encode(), [one, other]).fetchall()]


def test_what_is_one_home_is_hidden_as_one(warehouse: str) -> None:
    pairs = [(one, other) for written in SAME for one in written for other in written]
    hidden = share(warehouse, "borne", [one for one, _ in pairs], [other for _, other in pairs])
    assert [pair for pair, is_hidden in zip(pairs, hidden, strict=True) if not is_hidden] == []


@pytest.mark.parametrize(
    "written",
    ["c/o Prøve Testesen Storgata 5", "C/O Testesen Storgt. nr. 05 H0201", "c\\o Prøve von Testesen Storgata 5 A 0150 OSLO", "v/Prøve Storgata 5"],
)  # fmt: skip
def test_whoever_lives_with_another_is_hidden_there(warehouse: str, written: str) -> None:
    there = "Storgata 5"
    assert share(warehouse, "borne", [written, there], [there, written]) == [True, True]
    assert share(warehouse, "borne", [written, there], ["Storgata 6", "c/o Prøve Storgata 6"]) == [
        False,
        False,
    ]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=st.lists(st.one_of(WRITTEN, st.text("sanktdor bpvgtei05nr.,/-A\n", max_size=20)), max_size=30))
def test_nothing_is_less_hidden_than_by_the_address_as_written(warehouse: str, written: list[str]) -> None:
    with psycopg.connect(warehouse) as connection:
        query = f"""select a from unnest(%s::text[]) as a
            where not array(select meta.address_keys(a)) @> array(select key from unnest({BEFORE}) as key where key ~ '[a-z].*[0-9]')"""
        assert connection.execute(query.encode(), [written]).fetchall() == []


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    written=st.lists(WRITTEN, min_size=1, max_size=20),
    change=st.sampled_from([str.upper, str.lower, str.title, lambda text: text.replace(" ", "  ")]),
)
def test_capitals_and_spaces_make_no_other_home(warehouse: str, written: list[str], change: object) -> None:
    assert callable(change)
    assert keys(warehouse, written) == keys(warehouse, [change(text) for text in written])


def test_a_million_take_seconds(warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "create temp table a as select 'Sankt Olavs gt. nr. 0' || i % 90 as a from generate_series(1, 50000) as i"
        )
        before = time.monotonic()
        connection.execute("select count(distinct meta.home_key(a)) from a")
        assert time.monotonic() - before < 10
