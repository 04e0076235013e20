"""The answer key matches the deliveries, each period continues the one before, and the offences can be found."""

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from akrim.contracts import load_contracts
from akrim.synthetic.delivery.bad_rows import CODES, candidates
from akrim.synthetic.extracts.skatteetaten import PROTECTIONS

from tests.synthetic.conftest import AGENCIES, Made, Table, ask, identified, make

PERSON_ROWS = {
    ("skatteetaten", "personer", "personer.parquet"): "part_id",
    ("nav", "personer", "personer.csv"): "nav_id",
    ("politiet", "personer", "personer.csv"): "person_lopenr",
    ("arbeidstilsynet", "personer_paa_stedet", "personer_paa_stedet.csv"): "observasjon_id",
}
ROW_CODES = set(CODES) - {"unknown_reference"}


def rows_of(made: Made, agency: str, period: str, name: str, number: int = 1) -> Table:
    """A file's rows; those with a surplus field are left out."""
    path = made.folder(agency, period, number) / name
    if path.suffix == ".parquet":
        return lambda con: con.read_parquet(str(path))
    if path.suffix == ".gz":
        return lambda con: con.read_json(str(path), format="newline_delimited")
    delimiter = "," if agency == "arbeidstilsynet" else ";"
    encoding = "latin-1" if agency == "politiet" else "utf-8"
    read = "from read_csv(?, all_varchar=true, header=true, ignore_errors=true, delim=?, encoding=?)"
    return lambda con: con.sql(read, params=[str(path), delimiter, encoding])


@pytest.mark.parametrize(("agency", "extract", "name"), PERSON_ROWS)
def test_every_right_person_row_is_in_the_key_and_no_other(
    world: Made, agency: str, extract: str, name: str
) -> None:
    column = PERSON_ROWS[agency, extract, name]
    differing = ask(
        """
        with known as (select source_record_id as id from person_record
                  where period = '2026-T1' and source = $1 and extract = $2),
        wrong as (select key as id from quarantine where period = '2026-T1' and agency = $1 and extract = $2)
        (select id from known except select id from sent)
        union all (select id from sent where id is not null except select id from known except select id from wrong)""",
        agency,
        extract,
        sent=identified(rows_of(world, agency, "2026-T1", name), column),
        person_record=world.key("person_record"),
        quarantine=world.key("quarantine"),
    )
    assert differing == []


def test_an_ok_number_is_the_persons_own(world: Made) -> None:
    wrong = ask(
        """
        select count(*) from sent
        join record on record.source_record_id = sent.part_id
             and record.period = '2026-T1' and record.source = 'skatteetaten'
        join person using (true_person_id)
        where (record.ident_kind = 'ok') <> coalesce(sent.ident in (person.fodselsnummer, person.d_nummer), false)""",
        sent=rows_of(world, "skatteetaten", "2026-T1", "personer.parquet"),
        record=world.key("person_record"),
        person=world.key("person"),
    )
    assert wrong == [(0,)]


def test_every_row_code_is_there_and_the_wrong_rows_are_few(world: Made) -> None:
    key = world.key("quarantine")
    codes = {code for (code,) in ask("select distinct code from key where period = '2026-T1'", key=key)}
    assert codes == ROW_CODES
    worst = ask(
        """
        select max(n) from (select count(*) as n from key
                            where code <> 'forbidden_role' group by delivery_id, extract)""",
        key=key,
    )
    assert worst[0][0] <= 10  # type: ignore[operator]  # a count


@pytest.mark.parametrize("agency", load_contracts())
def test_an_empty_role_is_a_forbidden_one_and_nothing_else(agency: str) -> None:
    for extract in load_contracts()[agency].extracts:
        table = pa.table({column.path: pa.array([], pa.string()) for column in extract.columns})
        wanting, forbidden = (
            candidates(extract, table, code) for code in ("empty_required", "forbidden_role")
        )
        assert wanting
        assert not {column.path for column in wanting} & {column.path for column in forbidden}


def test_without_bad_rows_there_is_nothing_to_set_aside(tmp_path: Path) -> None:
    made = make(tmp_path / "inbox", "2025-T3", persons=1000, bad_rows=False)
    assert ask("select count(*) from key", key=made.key("quarantine")) == [(0,)]


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
        earlier, later = (
            identified(rows_of(world, agency, period, name), key) for period in ("2025-T3", "2026-T1")
        )
        gone = """
            select id from these where id is not null and id not in (select key from wrong where key is not null)
            except select id from others"""
        lost = ask(gone, these=earlier, others=later, wrong=world.key("quarantine"))
        added = ask(gone, these=later, others=earlier, wrong=world.key("quarantine"))
        assert lost == [], name
        additions += len(added)
    assert additions > 10


def test_a_delta_holds_only_what_changed(world: Made, tmp_path: Path) -> None:
    made = make(tmp_path / "inbox", "2026-T1", mode="delta", bad_rows=False)
    changed = rows_of(made, "skatteetaten", "2026-T1", "personer.parquet")
    before = rows_of(world, "skatteetaten", "2025-T3", "personer.parquet")
    assert ask(
        "select count(*) from (select * exclude (_slettet) from changed where _slettet = 'N' intersect from before)",
        changed=changed,
        before=before,
    ) == [(0,)]
    both = "select (select count(*) from changed) / (select count(*) from before)"
    share = ask(both, changed=changed, before=before)[0][0]
    assert 0 < share < 0.2  # type: ignore[operator]  # a share
    removed = ask(
        "select count(*) from sent where _slettet = 'J'",
        sent=rows_of(made, "skatteetaten", "2026-T1", "restanser.csv"),
    )
    assert removed[0][0] > 0  # type: ignore[operator]  # a count


def test_the_stories_are_in_the_smallest_world(tmp_path: Path) -> None:
    made = make(tmp_path / "inbox", "2025-T3", persons=1000, seed=5)
    kinds = dict(ask("select kind, count(*) from person group by kind", person=made.key("person")))
    assert set(kinds) >= {
        "ordinary", "network_leader", "network_member", "straw_man", "solo_actor", "serial_entrepreneur",
        "accountant", "auditor", "estate_lawyer", "registration_agent",
    }  # fmt: skip
    for name in ("phoenix", "straw_man", "bankruptcy_involvement", "network"):
        assert ask("select count(*) > 0 from key", key=made.key(name)) == [(True,)], name
    controls = rows_of(made, "skatteetaten", "2025-T3", "kontroller.csv")
    cases = rows_of(made, "nav", "2025-T3", "saker.csv")
    enterprises = made.key("enterprise")
    for query, sent in (
        ("select count(*) > 0 from sent where fiktiv_faktura = 'J'", controls),
        ("select count(distinct aarsak) >= 3 from sent", cases),
        ("select count(*) > 0 from sent where kind = 'bogus_self_employment'", enterprises),
    ):
        assert ask(query, sent=sent) == [(True,)], query


def test_a_family_business_is_handed_to_a_grown_housemate_while_it_is_sound(world: Made) -> None:
    ((handovers, housemates, same_home, sound, in_register),) = ask(
        """
        select count(*), count(*) filter (where giver.household_id = heir.household_id),
            count(*) filter (where giver.adresse = heir.adresse and giver.postnummer = heir.postnummer),
            count(*) filter (where e.kind = 'ordinary' and coalesce(e.bankrupt > h.handed_over, true)),
            count(*) filter (where (select list_sort(list(r.type.kode)) = ['DAGL', 'LEDE']
                from roles r
                where r.organisasjonsnummer = h.orgnr and r.fra = h.handed_over::date))
        from handover h join enterprise e using (orgnr)
        join person giver on giver.true_person_id = h.from_true_person_id
        join person heir on heir.true_person_id = h.to_true_person_id
        where heir.fodselsdato::date + interval '20 years' <= h.handed_over::date
        """,
        roles=rows_of(world, "brreg", "2026-T1", "roller.jsonl.gz"),
        handover=world.key("family_handover"),
        enterprise=world.key("enterprise"),
        person=world.key("person"),
    )
    assert isinstance(handovers, int)
    assert handovers > 0
    assert housemates == sound == handovers
    assert isinstance(same_home, int)
    assert same_home * 3 > handovers * 2  # some have moved apart since
    assert in_register == handovers


def test_bankrupt_businesses_are_honestly_carried_on(tmp_path: Path) -> None:
    """Others lead what carries them on: at their address, and after, but for staff who begin elsewhere before; staff come over."""
    made = make(
        tmp_path / "inbox", "2026-T1", persons=8000, agencies=("brreg", "skatteetaten"), bad_rows=False
    )
    ((takeovers, kinds, others, apart, moved),) = ask(
        """
        with leads as (select distinct organisasjonsnummer as orgnr, person.fodselsnummer as who from roles
            where type.kode in ('DAGL', 'LEDE') and person.fodselsnummer is not null),
        firms as (select organisasjonsnummer as orgnr, naeringskode1.beskrivelse as industry,
            forretningsadresse.adresse[1] || forretningsadresse.postnummer as place from enterprises)
        select count(*), count(distinct kind),
            count(*) filter (where not exists (from leads a join leads b using (who)
                where a.orgnr = bankrupt_orgnr and b.orgnr = successor_orgnr)),
            count(*) filter (where old.place <> new.place and successor_founded > bankrupt_date and old.place is not null),
            count(*) filter (where 2 <= (select count(distinct a.part_id) from jobs a join jobs b using (part_id)
                where a.orgnr = bankrupt_orgnr and b.orgnr = successor_orgnr))
        from takeover join firms old on old.orgnr = bankrupt_orgnr join firms new on new.orgnr = successor_orgnr
        """,
        takeover=made.key("honest_takeover"),
        roles=rows_of(made, "brreg", "2026-T1", "roller.jsonl.gz"),
        enterprises=rows_of(made, "brreg", "2026-T1", "enheter.jsonl.gz"),
        jobs=rows_of(made, "skatteetaten", "2026-T1", "arbeidsforhold.parquet"),
    )
    assert (kinds, others) == (2, takeovers)
    assert apart * 3 < takeovers < moved * 2  # type: ignore[operator]  # counts; some have moved their office since


def test_sites_have_several_employers(world: Made) -> None:
    """Who is met for another than the inspected enterprise says so."""
    ((hired, stated),) = ask(
        """
        select count(*), count(*) filter (where exists (
            from seen join visits using (tilsyn_id) join record on source_record_id = observasjon_id
                and record.source = 'arbeidstilsynet' and record.period = '2026-T1'
            where record.true_person_id = hired.true_person_id and visits.orgnr = site_orgnr and dato = hired.date
                and arbeidsgiver_orgnr = employer_orgnr))
        from hired where site_orgnr <> employer_orgnr
        """,
        hired=world.key("hired_in"),
        seen=rows_of(world, "arbeidstilsynet", "2026-T1", "personer_paa_stedet.csv"),
        visits=rows_of(world, "arbeidstilsynet", "2026-T1", "tilsyn.csv"),
        record=world.key("person_record"),
    )
    assert 0 < hired - 2 <= stated <= hired  # type: ignore[operator]  # counts; a row or two may be among the wrong ones


def test_only_networks_that_underpay_pay_far_below_the_minimum(world: Made) -> None:
    """Full-time hours a month and six tenths of the lowest of the agreements' rates."""
    low = ask(
        """
        select distinct coalesce(network.underpays, 'ordinary')
        from job join enterprise using (orgnr) join register on organisasjonsnummer = orgnr left join network using (network_id)
        where maanedslonn < 162.5 * stillingsprosent / 100 * 0.6 * 172 and startdato >= '2018-01-01'
            and naeringskode1.kode[1:2] in ('41', '43', '56', '81') and naeringskode1.kode[1:4] <> '43.2'""",
        job=rows_of(world, "skatteetaten", "2026-T1", "arbeidsforhold.parquet"),
        register=rows_of(world, "brreg", "2026-T1", "enheter.jsonl.gz"),
        enterprise=world.key("enterprise"),
        network=world.key("network"),
    )
    assert low == [("true",)]


def test_positions_that_were_understated_are_claimed_as_full_ones_by_many(world: Made) -> None:
    """Staff on call never claim as much, and of those whose position had been reduced a few do."""
    found = ask(
        """
        with jobs as (select part_id, orgnr, 100 * sum(maanedslonn) / sum(stillingsprosent) as full_pay, bool_and(stillingsprosent <= 25)
                and count(*) = count(maanedslonn) and count(*) = count(stillingsprosent) as is_small from job group by all),
        claimants as (select distinct kind, small.orgnr, true_person_id, claim.beloep::int >= 4 * full_pay as is_high
            from small join record tax using (true_person_id) join record nav using (true_person_id)
            join jobs on jobs.part_id = tax.source_record_id and jobs.orgnr = small.orgnr
            join claim on claim.nav_id = nav.source_record_id and claim.orgnr = small.orgnr
            where tax.source = 'skatteetaten' and nav.source = 'nav' and is_small)
        select kind, bool_or(is_high), max(n) >= 3 from (select *,
                count(distinct true_person_id) filter (where is_high) over (partition by kind, orgnr) as n from claimants)
        where kind <> 'all_reduced' group by kind""",
        small=world.key("small_position"),
        record=world.key("person_record"),
        job=rows_of(world, "skatteetaten", "2026-T1", "arbeidsforhold.parquet"),
        claim=rows_of(world, "nav", "2026-T1", "lonnsgaranti.csv"),
    )
    by_kind = {kind: (high, many) for kind, high, many in found}
    assert (by_kind.pop("understated"), by_kind.pop("on_call")) == ((True, True), (False, False))
    # So small a world may have nobody of these who claims.
    assert by_kind.keys() <= {"few_reduced"}
    assert not any(many for _, many in by_kind.values())


def test_fronts_change_accountants_all_the_time_and_others_seldom(world: Made) -> None:
    """By the register's rows: which enterprises have engaged five within a year."""
    ((found, fronts, wrong, others),) = ask(
        """
        with engaged as (select organisasjonsnummer as orgnr, type.kode as code, fra::date as since,
                coalesce(enhet.organisasjonsnummer, person.navn.etternavn || person.fodselsdato) as holder
            from roles where type.kode in ('REGN', 'REVI')),
        often as (select distinct a.orgnr from engaged a join engaged b using (orgnr, code)
            where b.since between a.since and a.since + 365 group by a.orgnr, code, a.since having count(distinct b.holder) >= 5),
        counted as (select distinct orgnr, orgnr in (from often) as is_often,
            orgnr in (select orgnr from key where kind = 'front') as is_front from engaged)
        select count(*) filter (where is_often and is_front), count(*) filter (where is_front),
            count(*) filter (where is_often and not is_front), count(*) filter (where not is_front) from counted""",
        key=world.key("accountant_change"),
        roles=rows_of(world, "brreg", "2026-T1", "roller.jsonl.gz"),
    )
    assert found * 5 > fronts  # type: ignore[operator]  # counts
    assert wrong * 100 < others  # type: ignore[operator]  # counts


def test_who_is_bought_changes_accountant_and_auditor_on_one_day(world: Made) -> None:
    days, both = ask(
        """select count(distinct since), count(distinct role_code) from key where kind = 'bought'
        group by orgnr order by 2 desc limit 1""",
        key=world.key("accountant_change"),
    )[0]
    assert (days, both) == (1, 2)


def test_leaders_of_networks_draw_benefits_while_they_lead(world: Made) -> None:
    """Or nobody whom the rule on that points at could be an actor."""
    ((found,),) = ask(
        """
        select count(distinct person.true_person_id)
        from cases
        join record on record.source = 'nav' and record.extract = 'personer' and record.source_record_id = cases.nav_id
        join person on person.true_person_id = record.true_person_id and person.kind = 'network_leader'
        join led on led.source = 'brreg' and led.extract = 'roller' and led.true_person_id = person.true_person_id
        join roles on roles.rolle_id = led.source_record_id
        where cases.aarsak = 'arbeid_ved_siden_av'
            and roles.type.kode in ('DAGL', 'LEDE')
            and roles.fra <= cases.periode_fra::date
            and coalesce(roles.til > cases.periode_fra::date, true)
        """,
        cases=rows_of(world, "nav", "2026-T1", "saker.csv"),
        record=world.key("person_record"),
        led=world.key("person_record"),
        person=world.key("person"),
        roles=rows_of(world, "brreg", "2026-T1", "roller.jsonl.gz"),
    )
    assert found > 0


def test_police_cases_refer_to_rows_that_the_reporting_agency_sent(world: Made) -> None:
    cases = rows_of(world, "politiet", "2026-T1", "saker.csv")
    for agency, name, key in (
        ("arbeidstilsynet", "reaksjoner.csv", "reaksjon_id"),
        ("skatteetaten", "kontroller.csv", "kontroll_id"),
        ("nav", "saker.csv", "sak_id"),
    ):
        sent = identified(rows_of(world, agency, "2026-T1", name), key)
        counts = ask(
            """
            with reported as (select anmelder_ref as id from cases where anmelder = ? and anmelder_ref is not null)
            select (select count(*) > 0 from reported), (select count(*) from (from reported except from sent))""",
            agency,
            cases=cases,
            sent=sent,
        )
        assert counts == [(True, 0)], agency


def test_persons_are_related_and_protected_as_people_are(world: Made) -> None:
    person = world.key("person")
    protections = {code for (code,) in ask("select distinct adressebeskyttelse from person", person=person)}
    assert protections == set(PROTECTIONS)
    shared = rows_of(world, "skatteetaten", "2026-T1", "personer.parquet")
    for query in (
        """select count(*) > 0 from person father join person son using (fornavn, etternavn, adresse, postnummer)
        where son.fodselsdato::date > father.fodselsdato::date + interval 18 year""",
        """select count(*) > 0 from person twin join person other on twin.twin_of = other.true_person_id
        where twin.fodselsdato = other.fodselsdato""",
        "select count(*) > 10 from person where d_nummer is not null and fodselsnummer is not null",
        "select count(*) > 10 from person where etternavn <> fodt_etternavn",
        """select max(n) >= 6 from (
            select count(*) as n from shared where adresse is not null group by adresse, postnummer)""",
    ):
        assert ask(query, person=person, shared=shared) == [(True,)], query


def test_every_centres_area_and_areas_without_a_centre_have_people(world: Made) -> None:
    counties = ask("select distinct kommunenummer[1:2] from person", person=world.key("person"))
    found = {county for (county,) in counties}
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
