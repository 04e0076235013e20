"""The answer key fits the deliveries, the periods follow from one another, and the stories are there to be found."""

import shutil
from pathlib import Path

import pytest
from akrim.synthetic.bad_rows import ORDER
from akrim.synthetic.extracts.skatteetaten import PROTECTIONS

from tests.synthetic.conftest import AGENCIES, Made, ask, make

PERSON_ROWS = {
    ("skatteetaten", "personer", "personer.parquet"): "part_id",
    ("nav", "personer", "personer.csv"): "nav_id",
    ("politiet", "personer", "personer.csv"): "person_lopenr",
    ("arbeidstilsynet", "personer_paa_stedet", "personer_paa_stedet.csv"): "observasjon_id",
}
ROW_CODES = set(ORDER) - {"unknown_reference"}


def rows_of(made: Made, agency: str, period: str, name: str, number: int = 1) -> str:
    """A file as a table for SQL; rows with a surplus field are left out."""
    path = made.folder(agency, period, number) / name
    if path.suffix == ".parquet":
        return f"read_parquet('{path}')"
    if path.suffix == ".gz":
        return f"read_json('{path}', format='newline_delimited')"
    options = "delim='{}', encoding='{}'".format(
        "," if agency == "arbeidstilsynet" else ";", "latin-1" if agency == "politiet" else "utf-8"
    )
    return f"read_csv('{path}', all_varchar=true, header=true, ignore_errors=true, {options})"


@pytest.mark.parametrize(("agency", "extract", "name"), PERSON_ROWS)
def test_every_right_person_row_is_in_the_key_and_no_other(
    world: Made, agency: str, extract: str, name: str
) -> None:
    column = PERSON_ROWS[agency, extract, name]
    differing = ask(f"""
        with sent as (select {column} as id from {rows_of(world, agency, "2026-T1", name)}),
        known as (select source_record_id as id from {world.key("person_record")}
                  where period = '2026-T1' and source = '{agency}' and extract = '{extract}'),
        wrong as (select key as id from {world.key("quarantine")}
                  where period = '2026-T1' and agency = '{agency}' and extract = '{extract}')
        (select id from known except select id from sent)
        union all (select id from sent where id is not null except select id from known except select id from wrong)""")
    assert differing == []


def test_an_ok_number_is_the_persons_own(world: Made) -> None:
    wrong = ask(f"""
        select count(*) from {rows_of(world, "skatteetaten", "2026-T1", "personer.parquet")} sent
        join {world.key("person_record")} record on record.source_record_id = sent.part_id
             and record.period = '2026-T1' and record.source = 'skatteetaten'
        join {world.key("person")} person using (true_person_id)
        where (record.ident_kind = 'ok') <> coalesce(sent.ident in (person.fodselsnummer, person.d_nummer), false)""")
    assert wrong == [(0,)]


def test_every_row_code_is_there_and_the_wrong_rows_are_few(world: Made) -> None:
    codes = {
        code
        for (code,) in ask(f"select distinct code from {world.key('quarantine')} where period = '2026-T1'")
    }
    assert codes == ROW_CODES
    worst = ask(f"""
        select max(n) from (select count(*) as n from {world.key("quarantine")}
                            where code <> 'forbidden_role' group by delivery_id, extract)""")
    assert worst[0][0] <= 10  # type: ignore[operator]  # a count


def test_without_bad_rows_there_is_nothing_to_set_aside(tmp_path: Path) -> None:
    made = make(tmp_path / "inbox", "2025-T3", persons=1000, bad_rows=False)
    assert ask(f"select count(*) from {made.key('quarantine')}") == [(0,)]


@pytest.mark.parametrize("name", ["person_record", "quarantine"])
def test_the_key_gathers_periods_in_any_order(world: Made, tmp_path: Path, name: str) -> None:
    made = make(tmp_path / "inbox", "2026-T1")
    make(made.inbox, "2025-T3")
    make(made.inbox, "2025-T2")
    make(made.inbox, "2025-T3")
    assert (made.truth / f"{name}.csv").read_bytes() == (world.truth / f"{name}.csv").read_bytes()


def test_a_later_period_keeps_what_was_and_adds_to_it(world: Made) -> None:
    additions = 0
    for agency, name, key in (
        ("arbeidstilsynet", "tilsyn.csv", "tilsyn_id"),
        ("nav", "saker.csv", "sak_id"),
        ("skatteetaten", "personer.parquet", "part_id"),
        ("skatteetaten", "arbeidsforhold.parquet", "arbeidsforhold_id"),
    ):
        earlier, later = (rows_of(world, agency, period, name) for period in ("2025-T3", "2026-T1"))
        made_up = f"select key from {world.key('quarantine')}"
        right = f"where {key} is not null and {key} not in ({made_up} where key is not null)"
        lost = ask(f"select {key} from {earlier} {right} except select {key} from {later}")
        added = ask(f"select {key} from {later} {right} except select {key} from {earlier}")
        assert lost == [], name
        additions += len(added)
    assert additions > 10


def test_a_delta_holds_only_what_changed(world: Made, tmp_path: Path) -> None:
    made = make(tmp_path / "inbox", "2026-T1", mode="delta", bad_rows=False)
    changed = rows_of(made, "skatteetaten", "2026-T1", "personer.parquet")
    before = rows_of(world, "skatteetaten", "2025-T3", "personer.parquet")
    assert ask(
        f"select count(*) from (select * exclude (_slettet) from {changed} where _slettet = 'N' intersect from {before})"
    ) == [(0,)]
    share = ask(f"select (select count(*) from {changed}) / (select count(*) from {before})")[0][0]
    assert 0 < share < 0.2  # type: ignore[operator]  # a share
    removed = ask(
        f"select count(*) from {rows_of(made, 'skatteetaten', '2026-T1', 'restanser.csv')} where _slettet = 'J'"
    )
    assert removed[0][0] > 0  # type: ignore[operator]  # a count


def test_the_stories_are_in_the_smallest_world(tmp_path: Path) -> None:
    made = make(tmp_path / "inbox", "2025-T3", persons=1000, seed=5)
    kinds = dict(ask(f"select kind, count(*) from {made.key('person')} group by kind"))
    assert set(kinds) >= {
        "ordinary", "network_leader", "network_member", "straw_man", "solo_actor", "serial_entrepreneur",
        "accountant", "auditor", "estate_lawyer", "registration_agent",
    }  # fmt: skip
    for name in ("phoenix", "straw_man", "bankruptcy_involvement", "network"):
        assert ask(f"select count(*) > 0 from {made.key(name)}") == [(True,)], name
    controls = rows_of(made, "skatteetaten", "2025-T3", "kontroller.csv")
    cases = rows_of(made, "nav", "2025-T3", "saker.csv")
    assert ask(f"select count(*) > 0 from {controls} where fiktiv_faktura = 'J'") == [(True,)]
    assert ask(f"select count(distinct aarsak) >= 3 from {cases}") == [(True,)]
    assert ask(f"select count(*) > 0 from {made.key('enterprise')} where kind = 'bogus_self_employment'") == [
        (True,)
    ]


def test_a_family_business_is_handed_to_a_grown_housemate_while_it_is_sound(world: Made) -> None:
    ((handovers, housemates, same_home, sound, in_register),) = ask(f"""
        select count(*), count(*) filter (where giver.household_id = heir.household_id),
            count(*) filter (where giver.adresse = heir.adresse and giver.postnummer = heir.postnummer),
            count(*) filter (where e.kind = 'ordinary' and coalesce(e.bankrupt > h.handed_over, true)),
            count(*) filter (where (select list_sort(list(r.type.kode)) = ['DAGL', 'LEDE']
                from {rows_of(world, "brreg", "2026-T1", "roller.jsonl.gz")} r
                where r.organisasjonsnummer = h.orgnr and r.fra = h.handed_over::date))
        from {world.key("family_handover")} h join {world.key("enterprise")} e using (orgnr)
        join {world.key("person")} giver on giver.true_person_id = h.from_true_person_id
        join {world.key("person")} heir on heir.true_person_id = h.to_true_person_id
        where heir.fodselsdato::date + interval '20 years' <= h.handed_over::date
    """)
    assert isinstance(handovers, int)
    assert handovers > 0
    assert housemates == sound == handovers
    assert isinstance(same_home, int)
    assert same_home * 3 > handovers * 2  # some have moved apart since
    assert in_register == handovers


def test_police_cases_refer_to_rows_that_the_reporting_agency_sent(world: Made) -> None:
    cases = rows_of(world, "politiet", "2026-T1", "saker.csv")
    for agency, name, key in (
        ("arbeidstilsynet", "reaksjoner.csv", "reaksjon_id"),
        ("skatteetaten", "kontroller.csv", "kontroll_id"),
        ("nav", "saker.csv", "sak_id"),
    ):
        reported = f"from {cases} where anmelder = '{agency}' and anmelder_ref is not null"
        assert ask(f"select count(*) > 0 {reported}") == [(True,)]
        assert (
            ask(
                f"select anmelder_ref {reported} except select {key} from {rows_of(world, agency, '2026-T1', name)}"
            )
            == []
        )


def test_persons_are_related_and_protected_as_people_are(world: Made) -> None:
    person = world.key("person")
    protections = {code for (code,) in ask(f"select distinct adressebeskyttelse from {person}")}
    assert protections == set(PROTECTIONS)
    namesakes = ask(f"""
        select count(*) > 0 from {person} father join {person} son using (fornavn, etternavn, adresse, postnummer)
        where son.fodselsdato::date > father.fodselsdato::date + interval 18 year""")
    twins = ask(
        f"select count(*) > 0 from {person} twin join {person} other on twin.twin_of = other.true_person_id where twin.fodselsdato = other.fodselsdato"
    )
    former = ask(
        f"select count(*) > 10 from {person} where d_nummer is not null and fodselsnummer is not null"
    )
    renamed = ask(f"select count(*) > 10 from {person} where etternavn <> fodt_etternavn")
    shared = rows_of(world, "skatteetaten", "2026-T1", "personer.parquet")
    hubs = ask(
        f"select max(n) >= 6 from (select count(*) as n from {shared} where adresse is not null group by adresse, postnummer)"
    )
    assert [found for (found,) in (*namesakes, *twins, *former, *renamed, *hubs)] == [True] * 5


def test_every_centres_area_and_areas_without_a_centre_have_people(world: Made) -> None:
    found = {county for (county,) in ask(f"select distinct kommunenummer[1:2] from {world.key('person')}")}
    assert found >= {"03", "11", "15", "18", "31", "32", "33", "34", "39", "40", "42", "46", "50", "55", "56"}


def test_an_interrupted_delivery_is_made_whole_by_the_next_call(world: Made, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    shutil.copytree(world.inbox, inbox)
    folder = inbox / "nav" / "nav-2026-T1-01"
    (folder / "manifest.json").unlink()
    (folder / "saker.csv").write_text("half", encoding="utf-8")
    make(inbox, "2026-T1", agencies=("nav",))
    assert (folder / "saker.csv").read_bytes() == (world.folder("nav", "2026-T1") / "saker.csv").read_bytes()
    assert (folder / "manifest.json").exists()
    assert set(AGENCIES) == {path.name for path in inbox.iterdir()}
