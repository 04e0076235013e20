"""A small golden world: marts of two releases, written by hand, for tests of what a release is made of.

Oslo gets a serial bankrupt with a rich history, his counterpart, a director with a protected address, a person whose name is
an attack, one whom its team has decided on, and from the second release a newcomer. In its area lives somebody who is on no
list. Bergen gets one person who must never be seen in Oslo.
"""

import itertools
import json
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
from akrim.contracts import load_contracts
from akrim.deliveries.landing import add_partition
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.hostile import corpus
from tests.ledger.entering import enter_release, enter_run
from tests.releases.tables import add, create_marts, lay_seeds

AGENCIES = ("arbeidstilsynet", "brreg", "nav", "politiet", "skatteetaten")
FIRST, SECOND = "2025-T3.1", "2026-T1.1"
AS_OF = {FIRST: date(2025, 12, 31), SECOND: date(2026, 4, 30)}

SERIAL, PROTECTED, HOSTILE, NEWCOMER, LEAVER = (
    "p-serial",
    "p-protected",
    "p-hostile",
    "p-newcomer",
    "p-leaver",
)
BERGENSER, NOWHERE = "p-bergenser", "p-nowhere"
COUNTERPART, DECIDED, UNLISTED, NOMINATED = "p-counterpart", "p-decided", "p-unlisted", "p-nominated"
HOSTILE_NAME = '=HYPERLINK("http://evil.example","klikk") <script>alert(1)</script>\u202efdp.exe'
PROTECTED_STREET = "Hemmeligveien 13"

# The model by which the lists are assessed again: statuses hold where the centres' decisions are pinned.
ASSESSMENTS = """
select release_id, centre_id, person_id, rank, intention_points, capacity_points, total_points, fired_count,
    unavailable_count, proposed_status, case when cardinality({pins:sentrene}) > 0 then status end as status, status_since,
    weakest_match_weight
from "golden"."assessments" where release_id = {release_id}
"""

# To Oslo's form, of which two rows could not be read, and to Bergen's, which was refused; the others sent nothing.
ANSWERS = {
    "oslo": {
        "read": 3,
        "rows": [
            [
                {"extract": "beslutninger", "cell": "L5", "column": "status", "code": "unknown_code"},
                {"extract": "beslutninger", "cell": "R5", "column": "besluttet_dato", "code": "bad_date"},
            ],
            [{"extract": "beslutninger", "cell": "4", "column": "", "code": "no_decision"}],
        ],
        "refused": [],
    },
    "bergen": {
        "read": 0,
        "rows": [],
        "refused": [{"release_id": FIRST, "code": "unreadable_file", "forms": 1, "is_replaced": False}],
    },
}


def build(connection: psycopg.Connection) -> None:
    """Lay the tables and both releases' rows."""
    create_marts(connection)
    connection.execute("create table intermediate.rules_out_of_reach (indicator_code text)")
    connection.execute("create schema golden create view assessments as select * from marts.assessments")
    connection.execute("insert into meta.model_sql values ('assessments', %s)", [ASSESSMENTS])
    lay_seeds(connection)
    for release_id in (FIRST, SECOND):
        reserve(connection, release_id, answers=ANSWERS if release_id == SECOND else {})
        _release(connection, release_id)
        _land(connection, release_id.partition(".")[0])


def _land(connection: psycopg.Connection, period: str) -> None:
    """One row of each agency's first extract: a delivery with nothing in it would hold the release."""
    for agency in AGENCIES:
        extract, delivery_id = load_contracts()[agency].extracts[0], f"{agency}-{period}-01"
        query = sql.SQL(
            "insert into {} (delivery_id, row_number, is_removed, {}) values (%s, 1, false, 'k')"
        ).format(add_partition(connection, extract, delivery_id), sql.Identifier(extract.key.name))
        connection.execute(query, [delivery_id])


def reserve(connection: psycopg.Connection, release_id: str, **inputs: Any) -> None:
    """Enter the release into the ledger as `building`, pinned to one delivery per agency and period."""
    period = release_id.partition(".")[0]
    pins = {
        "deliveries": {
            agency: [{"delivery_id": f"{agency}-{period}-01", "manifest_sha256": "0" * 64}]
            for agency in AGENCIES
        }
        | {"sentrene": [{"delivery_id": "sentrene-2026-T1-01", "manifest_sha256": "0" * 64}] if release_id == SECOND else []},
        "link_decisions": "", "model": "linkage_2026_11_24:abc", "rules": "1" * 64, "code": "2" * 64,
        "settings": {"data_mode": "synthetic", "language": "nb", "exports": ["bods", "ftm"]},
    } | inputs  # fmt: skip
    before = FIRST if release_id == SECOND else None
    enter_release(
        connection, release_id, "building", pins, as_of=AS_OF[release_id], fingerprint=f"fingerprint of {release_id}",
        base_release_id=before, previous_release_id=before,
    )  # fmt: skip
    connection.execute(
        "insert into meta.release_models values (%s, 'marts', 'assessments', 'assessments')", [release_id]
    )
    enter_run(connection, release_id)


def hand_out(connection: psycopg.Connection, release_id: str, centre_id: str, *person_ids: str) -> None:
    """Lay the persons of a centre's part of a release alone, for decisions to name them."""
    create_marts(connection, "named_persons", "release_persons")
    for person_id in person_ids:
        about = {"release_id": release_id, "centre_id": centre_id, "person_id": person_id}
        add(connection, "release_persons", **about)
        add(connection, "named_persons", named_because="listed", **about)


def _release(connection: psycopg.Connection, release_id: str) -> None:
    def put(table: str, **values: Any) -> None:
        add(connection, table, release_id=release_id, **values)

    _enterprises(put)
    _serial(put, is_new=release_id == SECOND)
    _others(put)
    _hostile(put)
    _lists(put, release_id)
    _situation(put)
    for scope in ("national", "oslo"):
        put(
            "national_counts",
            scope=scope,
            kind="decided",
            code="trusselaktor",
            persons=6 if release_id == FIRST else 3,
        )
    _network(put)
    _ages(put)


def _ages(put: Any) -> None:
    """Each agency's data, and the extracts of the labour inspection and the tax agency that are out of the ordinary."""
    for agency, days, state in (
        ("brreg", 0, "changed"), ("arbeidstilsynet", 0, "empty"), ("skatteetaten", 0, "shrunken"), ("nav", 242, "stale"),
        ("politiet", None, "missing"),
    ):  # fmt: skip
        is_missing = state == "missing"
        put("delivery_ages", agency=agency, newest_period=None if is_missing else "2025-T3", days_old=days, state=state,
            newest_fact_date=None if is_missing else date(2025, 8, 31) if days else date(2025, 12, 31), is_stale=state == "stale", is_missing=is_missing,
            empty_extracts=["personer_paa_stedet", "reaksjoner"] if state == "empty" else [])  # fmt: skip
    for name, state, rows, usual, is_stale, is_confirmed, why in (
        ("arbeidstilsynet/personer_paa_stedet", "empty", 0, 210, False, False, "empty"),
        ("arbeidstilsynet/reaksjoner", "empty", 0, 40, False, False, "empty"),
        ("arbeidstilsynet/tilsyn", "changed", 80, 75, False, False, None),
        ("skatteetaten/arbeidsforhold", "shrunken", 1200, 5300, False, False, "shrunken"),
        ("skatteetaten/kontroller", "shrunken", 90, 400, False, True, None),
        ("skatteetaten/oppdragsforhold", "unchanged", 60, 60, True, False, "stale"),
        ("skatteetaten/personer", "swollen", 9000, 3000, False, False, None),
        ("skatteetaten/restanser", "unchanged", 31, 31, False, False, None),
    ):
        agency, extract = name.split("/")
        as_of = (
            date(2025, 4, 30)
            if is_stale
            else date(2025, 8, 31)
            if state == "unchanged"
            else date(2025, 12, 31)
        )
        put("extract_ages", agency=agency, extract=extract, state=state, rows=rows, rows_usual=usual, is_stale=is_stale,
            newest_fact_date=as_of, is_confirmed=is_confirmed, unavailable_because=why)  # fmt: skip


def _situation(put: Any) -> None:
    for scope, actors, reported in (("national", 102, 73), ("oslo", 41, 30), ("bergen", 17, 9)):
        for measure, numerator, denominator, value, unit in (
            ("M1", actors, None, actors, "persons"),
            ("M5", reported, actors, round(100 * reported / actors), "per_cent"),
        ):
            put("situation_measures", scope=scope, measure=measure, base="all", window_from=date(2020, 1, 1),
                window_to=date(2025, 12, 31), numerator=numerator, denominator=denominator, value=value, unit=unit,
                definition_version=1)  # fmt: skip
        for measure, numerator, denominator, unit in (
            ("B1_capacity_reduced", actors // 3, actors, "per_cent"), ("R_enterprises_controlled", 12 * actors, None, "enterprises"),
        ):  # fmt: skip
            put("goal_indicators", scope=scope, measured_period="2025", measure=measure, numerator=numerator, denominator=denominator,
                value=33 if denominator else numerator, unit=unit, definition_version=1)  # fmt: skip
        put("outcome_summaries", scope=scope, reporting_agency="arbeidstilsynet", outcome_class="fine", report_count=reported,
            total_count=actors, share_pct=Decimal("71.6"), median_days=310, longest_days=900)  # fmt: skip


def _enterprises(put: Any) -> None:
    for orgnr, name, form, industry, city, bankrupt in (
        ("200000012", "FJELLRENS AS", "AS", "Rengjøring av bygninger", "OSLO", date(2023, 3, 14)),
        ("200000020", "BYRENS OSLO AS", "AS", "Rengjøring av bygninger", "OSLO", date(2025, 6, 2)),
        ("200000039", "NYRENS DRIFT AS", "AS", "Rengjøring av bygninger", "OSLO", None),
        ("200000047", "BRYGGEN BYGG AS", "AS", "Oppføring av bygninger", "BERGEN", None),
        ("200000055", "SKJULT BIL OG DEKK", "ENK", "Bilpleie", "OSLO", None),
    ):
        put("enterprises", orgnr=orgnr, enterprise_name=name, legal_form_code=form, postcode="0150", city=city,
            municipality_code="0301", industry_code="81.210", industry_name=industry, employee_count=12,
            registered_date=date(2019, 5, 2), is_bankrupt=bankrupt is not None, bankruptcy_date=bankrupt,
            is_winding_up=False, is_compulsory_dissolution=False, is_vat_registered=True)  # fmt: skip


def _serial(put: Any, is_new: bool) -> None:
    put("persons", person_id=SERIAL, full_name="Halvard Eksempelsen", given_name="Halvard", family_name="Eksempelsen",
        birth_date=date(1979, 8, 3), street_address="Prøveveien 4", postcode="0575", municipality_code="0301",
        municipality_name="Oslo", has_protected_address=False,
        agencies=["brreg", "arbeidstilsynet", "skatteetaten", "nav", "politiet"], record_count=6, weakest_match_weight=7.4)  # fmt: skip
    for number, (orgnr, code, start, end) in enumerate((
        ("200000012", "DAGL", date(2019, 5, 2), date(2023, 4, 1)), ("200000020", "LEDE", date(2023, 1, 10), date(2025, 7, 1)),
        ("200000039", "DAGL", date(2025, 4, 20), None), ("200000055", "REGN", date(2021, 2, 1), None),
    )):  # fmt: skip
        put("roles", role_id=f"role-{number}", person_id=SERIAL, orgnr=orgnr, role_code=code, is_leading=code != "REGN",
            valid_from=start, valid_to=end, is_active=end is None)  # fmt: skip
    for orgnr, role, day in (
        ("200000012", "role-0", date(2023, 3, 14)),
        ("200000020", "role-1", date(2025, 6, 2)),
    ):
        put(
            "bankruptcy_involvements",
            person_id=SERIAL,
            orgnr=orgnr,
            role_id=role,
            role_code="DAGL",
            bankruptcy_date=day,
            days_before=0,
        )
    put("inspections", inspection_id="T-100", orgnr="200000020", inspection_date=date(2024, 9, 18), inspection_type_code="uanmeldt",
        checkpoint_count=14, breach_count=9, reaction_count=3, stop_count=1, fine_count=1, fine_amount_nok=120000,
        police_report_count=1, reversed_count=1, is_severe=True)  # fmt: skip
    for number, category, reported, outcome, decided in (
        ("14872-24", "arbeidsmiljo", date(2024, 11, 4), "forelegg", date(2025, 10, 8)),
        ("15110-22", "skatt_avgift", date(2022, 6, 20), "henlagt_bevis", date(2023, 9, 1)),
    ):
        put("offence_cases", case_number=number, person_id=SERIAL, involvement_code="siktet", offence_category_code=category,
            reported_date=reported, reporting_agency="arbeidstilsynet", is_reporters_case_known=True, orgnr="200000020",
            outcome_code=outcome, outcome_date=decided)  # fmt: skip
    put("case_outcomes", reporting_agency="arbeidstilsynet", reference="R-7", reported_date=date(2024, 10, 30),
        case_number="14872-24", outcome_code="forelegg", outcome_date=date(2025, 10, 8))  # fmt: skip
    _observe(put, SERIAL, "bankruptcies", "intention", 30, "fired", [
        {"agency": "brreg", "extract": "roller", "source_row_id": "role-0", "date": "2023-03-14", "orgnr": "200000012"},
        {"agency": "brreg", "extract": "roller", "source_row_id": "role-1", "date": "2025-06-02", "orgnr": "200000020"},
    ])  # fmt: skip
    _observe(put, SERIAL, "arrears", "intention", 15 * is_new, "fired" if is_new else "clear", [
        {"agency": "skatteetaten", "extract": "restanser", "source_row_id": "RE-9", "date": "2024-05-31", "orgnr": "200000020"},
    ])  # fmt: skip
    _observe(put, SERIAL, "workforce", "capacity", 10, "fired", [])
    _observe(put, SERIAL, "fictitious_employment", "intention", 0, "unavailable", [])
    _observe(put, SERIAL, "fictitious_invoices", "intention", 0, "clear", [])


def _observe(
    put: Any,
    person_id: str,
    code: str,
    dimension: str,
    points: int,
    checked: str,
    evidence: list[dict[str, str]],
) -> None:
    put("indicator_observations", person_id=person_id, indicator_code=code, indicator_version=1, dimension=dimension,
        value=len(evidence), points=points, checked=checked, evidence=json.dumps(evidence),
        explanation_nb=f"Forklaring av {code}.", explanation_en=f"Explanation of {code}.")  # fmt: skip


def _others(put: Any) -> None:
    for person_id, name, weight, protected in (
        (PROTECTED, "Synne Skjermet", None, True), (HOSTILE, HOSTILE_NAME, 0.8, False), (NEWCOMER, "Nils Nykommer", -1.0, False),
        (COUNTERPART, "Mona Motpart", None, False), (DECIDED, "Bent Besluttet", None, False), (UNLISTED, "Ulla Ulistet", None, False),
        (NOMINATED, "Nora Nominert", None, False),
        (LEAVER, "Tore Tidligere", None, False), (BERGENSER, "Bergljot Vestlending", None, False), (NOWHERE, "Ingrid Ingensteds", None, False),
    ):  # fmt: skip
        put("persons", person_id=person_id, full_name=name, given_name=name.split()[0], family_name=name.split()[-1],
            birth_date=date(1985, 2, 14), street_address=PROTECTED_STREET if protected else "Gata 1", postcode="0150",
            municipality_code="0301", municipality_name="Oslo", has_protected_address=protected, agencies=["brreg"],
            record_count=2, weakest_match_weight=weight)  # fmt: skip
        _observe(put, person_id, "workforce", "capacity", 5, "fired", [])
    for number, person_id in enumerate((COUNTERPART, DECIDED, UNLISTED, NOMINATED)):
        put("roles", role_id=f"role-1{number}", person_id=person_id, orgnr="200000039", role_code="DAGL", is_leading=True,
            valid_from=date(2025, 4, 20), valid_to=None, is_active=True)  # fmt: skip
        for case, outcome in (("dropped", "henlagt_bevis"), ("open", None)):
            put("offence_cases", case_number=f"{case}-{person_id}", person_id=person_id, involvement_code="siktet",
                offence_category_code="arbeidsmiljo", reported_date=date(2024, 1, 9), reporting_agency="politiet",
                is_reporters_case_known=False, orgnr="200000039", outcome_code=outcome)  # fmt: skip
    put("roles", role_id="role-8", person_id=PROTECTED, orgnr="200000055", role_code="INNH", is_leading=True,
        valid_from=date(2020, 1, 1), valid_to=None, is_active=True)  # fmt: skip
    put("roles", role_id="role-9", person_id=BERGENSER, orgnr="200000047", role_code="DAGL", is_leading=True,
        valid_from=date(2020, 1, 1), valid_to=None, is_active=True)  # fmt: skip


def _hostile(put: Any) -> None:
    """Stavanger's list: every text of the corpus as a name, an address, an enterprise's name and a decision's text."""
    for number, (_, text) in enumerate(corpus()):
        person_id, orgnr = f"p-hostile-{number:02}", f"3000000{number:02}"
        put("persons", person_id=person_id, full_name=text, given_name="Test", family_name=text,
            birth_date=date(1980, 1, 1), street_address=text, postcode="4005", municipality_code="1103",
            municipality_name="Stavanger", has_protected_address=False, agencies=["brreg"], record_count=1)  # fmt: skip
        put("enterprises", orgnr=orgnr, enterprise_name=text, legal_form_code="AS", street_address=text,
            postcode="4005", city="STAVANGER", municipality_code="1103", industry_name=text, is_bankrupt=False,
            is_winding_up=False, is_compulsory_dissolution=False, is_vat_registered=False)  # fmt: skip
        put("roles", role_id=f"role-hostile-{number:02}", person_id=person_id, orgnr=orgnr, role_code="DAGL",
            is_leading=True, valid_from=date(2020, 1, 1), valid_to=None, is_active=True)  # fmt: skip
        put("prioritisations", decision_id=f"d-hostile-{number:02}", centre_id="stavanger", decided_release_id=FIRST,
            person_id=person_id, status="av_interesse", priority_code="overvaak", reason_code="ressurser",
            responsible_agency="nav", actions=text, capacity_change="uendret", intention_change="uendret",
            decided_date=date(2026, 1, 20))  # fmt: skip
        put("release_persons", centre_id="stavanger", person_id=person_id, basis="residence")
        put(
            "named_persons",
            centre_id="stavanger",
            person_id=person_id,
            named_because="listed",
            basis="residence",
        )
        put("assessments", centre_id="stavanger", person_id=person_id, rank=number + 1, intention_points=10,
            capacity_points=0, total_points=10, fired_count=0, unavailable_count=0, status="av_interesse",
            status_since=date(2026, 1, 20), disputes=Jsonb([]))  # fmt: skip


def _network(put: Any) -> None:
    """Serial's chain of enterprises, with a partner in Bergen who is the most central of all."""
    chain = ("200000012", "200000020", "200000039")
    put("networks", network_id="N1", kind="succession_chain", persons=2, enterprises=3, active_enterprises=1,
        assessed_persons=2, most_central_person_id=BERGENSER, ties=8, first_date=date(2019, 5, 2), centres=["bergen", "oslo"])  # fmt: skip
    for member_id, kind, neighbours in (
        (SERIAL, "person", 3),
        (BERGENSER, "person", 3),
        *((orgnr, "enterprise", 3) for orgnr in chain),
    ):
        put("network_members", network_id="N1", member_kind=kind, member_id=member_id, is_assessed=kind == "person",
            is_connected=True, part="leader" if kind == "person" else kind, tie_count=neighbours, neighbour_count=neighbours,
            centrality=0.75)  # fmt: skip
    put("network_members", network_id="N1", member_kind="person", member_id=COUNTERPART, is_assessed=True, is_connected=True,
        part="co_leader", tie_count=2, neighbour_count=2, centrality=0.5)  # fmt: skip
    put("network_members", network_id="N1", member_kind="person", member_id=NOMINATED, is_assessed=False, is_connected=True,
        part="co_leader", tie_count=1, neighbour_count=1, centrality=0.1)  # fmt: skip
    put("network_ties", network_id="N1", from_kind="person", from_id=NOMINATED, to_kind="enterprise", to_id="200000039",
        tie="leading_role", first_date=date(2025, 4, 20), tie_count=1)  # fmt: skip
    for kind, other, tie in (("enterprise", "200000039", "leading_role"), ("enterprise", "200000047", "leading_role"),
                             ("person", SERIAL, "handover"), ("person", BERGENSER, "handover")):  # fmt: skip
        put("network_ties", network_id="N1", from_kind="person", from_id=COUNTERPART, to_kind=kind, to_id=other, tie=tie,
            first_date=date(2025, 4, 20), tie_count=1)  # fmt: skip
    for person_id in (SERIAL, BERGENSER):
        for orgnr in chain:
            put("network_ties", network_id="N1", from_kind="person", from_id=person_id, to_kind="enterprise", to_id=orgnr,
                tie="leading_role", first_date=date(2019, 5, 2), tie_count=1)  # fmt: skip
    for old, new in itertools.pairwise(chain):
        put("network_ties", network_id="N1", from_kind="enterprise", from_id=old, to_kind="enterprise", to_id=new,
            tie="succession", first_date=date(2023, 4, 1), tie_count=1)  # fmt: skip
    _groups(put)
    for orgnr, workers in (("200000039", 12), ("200000020", 4)):
        put(
            "exposed_workers",
            orgnr=orgnr,
            actor_count=1,
            worker_count=workers,
            benefit_case_worker_count=0,
            severe_inspection_count=1,
        )
    put("principals", principal_orgnr="200000020", supplier_orgnr="200000039", purchase_year=2025, amount_nok=900000,
        share_of_sales=0.6, actor_count=1, is_principal_led_by_actor=False)  # fmt: skip
    put("coordination", person_id=SERIAL, agencies_that_know=["nav", "politiet"], agencies_with_open_matters=["politiet"],
        open_matters=1, open_matters_by_agency=Jsonb([{"agency": "politiet", "matters": 1}]), enterprises_controlled_twice=0, controlled_twice=Jsonb([]), nobody_works_on=False)  # fmt: skip


def _groups(put: Any) -> None:
    """The network and its operating enterprise, each on the lists of two centres by the one whom that centre lists."""
    for centre_id, person_id, points in (("oslo", SERIAL, 28), ("bergen", BERGENSER, 22)):
        shared = {"centre_id": centre_id, "rank": 1, "intention_points": points, "capacity_points": 3, "total_points": points + 3,
                  "areas": 1, "fired_count": 2, "proposed_status": "potensiell_trusselaktor", "persons_listed": 1,
                  "leading_person_id": person_id}  # fmt: skip
        put("network_assessments", network_id="N1", kind="succession_chain", persons_beside=2, enterprises=3,
            active_enterprises=1, **shared)  # fmt: skip
        put("enterprise_assessments", orgnr="200000039", **shared)
        for kind, group_id in (("network", "N1"), ("enterprise", "200000039")):
            put("group_members", centre_id=centre_id, group_kind=kind, group_id=group_id, person_id=person_id,
                strength=Decimal("1.00") if kind == "network" else Decimal("0.70"), intention_points=points)  # fmt: skip
            for code, dimension, given in (
                ("serial_bankruptcy", "intention", points),
                ("employees_led", "capacity", 3),
            ):
                events = [{"event": "200000012", "points": given}] if dimension == "intention" else []
                put("group_observations", centre_id=centre_id, group_kind=kind, group_id=group_id, indicator_code=code,
                    indicator_version=1, dimension=dimension, area="bankruptcy" if events else "capacity", points=given,
                    points_alone=given, events=Jsonb(events), persons=1 if events else None)  # fmt: skip
    put("group_decisions", decision_id="d-group-1", centre_id="oslo", group_kind="network", group_id="N1",
        decided_release_id=FIRST, decided_group_id="N1", enterprises_shared=2, enterprises_told=2, status="trusselaktor",
        priority_code="prioriter", reason_code="sannsynlig_resultat", responsible_agency="skatteetaten", actions=None,
        capacity_change="uendret", intention_change="okt", decided_date=date(2026, 1, 20), is_after_cut_off=False,
        next_review_date=None, is_standing=True)  # fmt: skip


def _lists(put: Any, release_id: str) -> None:
    first = release_id == FIRST
    oslo = [SERIAL, PROTECTED, HOSTILE, LEAVER if first else NEWCOMER]
    for centre_id, person_ids in {"oslo": oslo, "bergen": [BERGENSER], "uten_senter": [NOWHERE]}.items():
        for rank, person_id in enumerate(person_ids, start=1):
            put("release_persons", centre_id=centre_id, person_id=person_id, basis="residence")
            put("named_persons", centre_id=centre_id, person_id=person_id, named_because="listed", basis="residence")  # fmt: skip
            intention = (30 if first else 45) if person_id == SERIAL else 0
            capacity = 10 if person_id == SERIAL else 5
            put("assessments", centre_id=centre_id, person_id=person_id, rank=rank, intention_points=intention,
                capacity_points=capacity, total_points=intention + capacity, fired_count=1, unavailable_count=int(person_id == SERIAL),
                proposed_status="potensiell_trusselaktor" if person_id == SERIAL else None,
                status=None if first or person_id != SERIAL else "trusselaktor",
                status_since=None if first or person_id != SERIAL else date(2026, 1, 20),
                weakest_match_weight=7.4 if person_id == SERIAL else None, disputes=Jsonb([]))  # fmt: skip
    for centre_id, persons, listed in (("oslo", 25, len(oslo)), ("bergen", 3, 1), ("stavanger", 40, 40)):
        put(
            "persons_counted",
            centre_id=centre_id,
            basis="residence",
            persons=persons,
            listed=listed,
            not_named=persons - listed,
        )
    for number, (agency, subject, grades, answer) in enumerate(
        (
            ("nav", {"person_id": NOMINATED}, "X4", "unanswered"),
            ("politiet", {"person_id": SERIAL}, "B2", "open"),
            ("nav", {"orgnr": "200000039"}, "C3", "open"),
        )
    ):
        put("nominations", centre_id="oslo", agency=agency, nomination_id=f"n-{number}", nominated_date=date(2025, 8, 1),
            valid_until=date(2026, 8, 1), observed_code="straaperson", source_grade=grades[0], information_grade=grades[1],
            is_listed=number == 1, answer=answer, **subject)  # fmt: skip
    for person_id, why in ((COUNTERPART, "counterpart"), (DECIDED, "decided"), (NOMINATED, "nominated")):
        put("named_persons", centre_id="oslo", person_id=person_id, named_because=why)
    if not first:
        put("prioritisations", decision_id="d-1", centre_id="oslo", decided_release_id=FIRST, person_id=SERIAL,
            status="trusselaktor", priority_code="prioriter", reason_code="sannsynlig_resultat",
            responsible_agency="skatteetaten", actions="Bokettersyn i Nyrens Drift AS", capacity_change="uendret",
            intention_change="ikke_vurdert", decided_date=date(2026, 1, 20), next_review_date=date(2026, 6, 1))  # fmt: skip
        put("status_questions", centre_id="oslo", person_id=NEWCOMER, question="parted", bearer_person_id=SERIAL,
            status="trusselaktor", decided_date=date(2026, 1, 20))  # fmt: skip
        put("status_history", centre_id="oslo", person_id=SERIAL, status="trusselaktor", valid_from=date(2026, 1, 20),
            decision_id="d-1", decided_release_id=FIRST)  # fmt: skip
        put("actor_changes", centre_id="oslo", person_id=SERIAL, decided_period="2025-T3", decision_id="d-1", decided_release_id=FIRST,
            decided_date=date(2026, 1, 20), status="trusselaktor", capacity_change="uendret", intention_change="ikke_vurdert",
            intention_points_then=30, intention_points_now=45, capacity_points_then=10, capacity_points_now=10,
            active_leading_roles_then=1, active_leading_roles_now=1, bankruptcies_since=0, is_relinked=True, is_corrected=False)  # fmt: skip
