"""What the synthetic world tells: the offences can be found, and what honestly resembles them is there too."""

from pathlib import Path

from akrim.synthetic.extracts.skatteetaten import PROTECTIONS

from tests.synthetic.conftest import Made, ask, identified, make, rows_of


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
    assert apart * 3 < takeovers < moved * 2


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
    assert 0 < hired - 2 <= stated <= hired


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
    assert found * 5 > fronts
    assert wrong * 100 < others


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
