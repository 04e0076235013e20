"""A small world in which a release is four SQL models: random histories of it are made by hand and explained for real.

Records weigh something in the deliveries in which they stand; a person's points are the weights of its records times
the rule's factor, and where there are any some for capacity; a person is listed from the program's limit on, or when the centres'
decisions give a status.
"""

from dataclasses import dataclass, field

import psycopg
from akrim import warehouse
from akrim.changes.assessing import fill_in
from akrim.ledger import Pins, load
from psycopg import sql

from tests.ledger.entering import enter_release, enter_run

RECORDS = tuple(f"r{number}" for number in range(5))
WEIGHTS = {
    (delivery, record): (7 * number + 3 * len(delivery) + 5 * place) % 11
    for place, delivery in enumerate(("brreg-2025-T3-01", "brreg-2026-T1-01", "brreg-2026-T2-01"))
    for number, record in enumerate(RECORDS)
}
STATUSES = {"sentrene-2026-T1-01": "trusselaktor", "sentrene-2026-T2-01": "avskrevet"}

TABLES = """
create schema if not exists toy;
create schema if not exists seeds;
create table seeds.definitions as select 'capacity_counts' as definition_code, 1 as quantity;
create table toy.facts (delivery_id text, record text, weight integer);
create table toy.decisions (delivery_id text, person_id text, status text);
create table marts.release_persons (release_id text, centre_id text, person_id text);
create table marts.indicator_observations (release_id text, person_id text, indicator_code text, dimension text,
    points integer, checked text default 'fired');
create table marts.assessments (release_id text, centre_id text, person_id text, rank integer, total_points integer,
    proposed_status text, status text);
create table marts.withheld_rules (release_id text, withheld_from text, indicator_code text, told text);
"""

MODELS = {
    "intermediate.person_links": """
select p.person_id, f.record, f.weight from toy.facts f
join "linkage"."person_records" p on p.source_record_id = f.record
where f.delivery_id = any({pins:brreg}) and not exists (select 1 from meta.suppressed_rows s
    where s.release_id = {disputed} and s.source_row_id = f.record)""",
    "indicators.weighty": """
select person_id, 'weighty' as indicator_code, sum(weight) * FACTOR as points
from "intermediate"."person_links" group by person_id""",
    "indicators.further": """
select person_id, 'further' as indicator_code, 12 as points from "intermediate"."person_links" group by person_id""",
    "marts.indicator_observations": """
with fired as (
    LISTED
)
select {release_id} as release_id, person_id, indicator_code, 'intention' as dimension, points::integer as points from fired
union all select {release_id}, person_id, 'able', 'capacity', 4 from "indicators"."weighty" where points >= 1""",
    "marts.release_persons": """
select distinct {release_id} as release_id, 'oslo' as centre_id, person_id from "intermediate"."person_links\"""",
    "marts.withheld_rules": """
select {release_id} as release_id, recipient as withheld_from, 'weighty' as indicator_code, told from meta.withheld
where release_id = {gated}""",
    "marts.assessments": """
select {release_id} as release_id, p.centre_id, p.person_id,
    (row_number() over (order by o.points desc, p.person_id))::integer as rank, o.points as total_points,
    case when o.points >= LIMIT then 'av_interesse' end as proposed_status, d.status
from "marts"."release_persons" p
join (select o.release_id, o.person_id, sum(case when w.told is null then o.points else 0 end) as points
    from "marts"."indicator_observations" o left join "marts"."withheld_rules" w using (release_id) group by 1, 2) o
    on o.release_id = {release_id} and o.person_id = p.person_id
left join (select distinct on (person_id) person_id, status from toy.decisions
    where delivery_id = any({pins:sentrene}) order by person_id, delivery_id desc) d on d.person_id = p.person_id
where p.release_id = {release_id} and (o.points >= LIMIT or d.status = 'trusselaktor')""",
}


@dataclass(frozen=True)
class Chosen:
    """What one release of a history is made from; `groups` says which records are together, `left_out` which the matrix keeps from linkage."""

    delivery: int = 0
    groups: tuple[int, ...] = (0, 1, 2, 3, 4)
    decisions: int = 0
    factor: int = 1
    limit: int = 10
    suppressed: frozenset[str] = field(default_factory=frozenset)
    is_decided_by_clerk: bool = False
    is_withheld: bool = False
    has_further_rule: bool = False
    left_out: frozenset[str] = field(default_factory=frozenset)


def lay(connection: psycopg.Connection) -> None:
    """The tables and the deliveries."""
    connection.execute(TABLES)
    connection.execute("create table intermediate.rules_out_of_reach (indicator_code text)")
    for (delivery, record), weight in WEIGHTS.items():
        connection.execute("insert into toy.facts values (%s, %s, %s)", [delivery, record, weight])


def clear() -> None:
    """Delete all releases."""
    with warehouse.connect() as connection:
        for table in (
            "meta.releases", "meta.release_models", "meta.model_sql", "meta.suppressed_rows", "toy.decisions",
            "linkage.memberships", "linkage.runs", "linkage.persons", "linkage.person_id_history",
            "linkage.link_decisions", "marts.release_persons", "marts.indicator_observations", "marts.assessments",
            "marts.withheld_rules",
        ):  # fmt: skip
            connection.execute(f"truncate {table} cascade".encode())


def release(number: int, chosen: Chosen, previous: str | None) -> str:
    """Reserve, link and assess one release; returns its id. It is then ready to be explained."""
    release_id = f"2026-T1.{number}"
    with warehouse.connect() as connection:
        _reserve(connection, release_id, chosen, previous)
        _link(connection, release_id, chosen)
        _assess(connection, load_in(connection, release_id), chosen)
        connection.execute(
            "update meta.releases set status = 'published', published_at = now() where release_id = %s",
            [release_id],
        )
    return release_id


def load_in(connection: psycopg.Connection, release_id: str) -> Pins:
    connection.commit()
    return load(release_id)


def _reserve(connection: psycopg.Connection, release_id: str, chosen: Chosen, previous: str | None) -> None:
    deliveries = {
        "brreg": [{"delivery_id": sorted({d for d, _ in WEIGHTS})[chosen.delivery], "manifest_sha256": ""}],
        "sentrene": [{"delivery_id": d, "manifest_sha256": ""} for d in sorted(STATUSES)[: chosen.decisions]],
    }
    cases = [
        {
            "case_id": r,
            "kind": "fact",
            "state": "open",
            "agency": "brreg",
            "extract": "roller",
            "source_row_id": r,
        }
        for r in sorted(chosen.suppressed)
    ]
    pins = {
        "deliveries": deliveries,
        "corrections": cases,
        "code": str(chosen.limit),
        "rules": str(chosen.factor),
        "withheld": {"oslo": {"brreg.role": "nothing"}} if chosen.is_withheld else {},
    }
    enter_release(
        connection, release_id, "building", pins,
        fingerprint=release_id, base_release_id=previous, previous_release_id=previous,
    )  # fmt: skip
    for record in chosen.suppressed:
        connection.execute(
            "insert into meta.suppressed_rows values (%s, 'brreg', 'roller', %s)", [release_id, record]
        )
    for relation, text in _models(chosen).items():
        schema, _, name = relation.partition(".")
        connection.execute(
            "insert into meta.model_sql values (%s, %s) on conflict do nothing", [str(hash(text)), text]
        )
        connection.execute(
            "insert into meta.release_models values (%s, %s, %s, %s)",
            [release_id, schema, name, str(hash(text))],
        )


def _models(chosen: Chosen) -> dict[str, str]:
    rules = ["weighty", *(["further"] if chosen.has_further_rule else [])]
    listed = "\n    union all\n    ".join(f'select * from "indicators"."{rule}"' for rule in rules)
    return {
        relation: text.replace("FACTOR", str(chosen.factor))
        .replace("LIMIT", str(chosen.limit))
        .replace("LISTED", listed)
        for relation, text in MODELS.items()
        if chosen.has_further_rule or relation != "indicators.further"
    }


def _link(connection: psycopg.Connection, release_id: str, chosen: Chosen) -> None:
    """Give each group of records its person: the one of its first record, as the smallest record names it."""
    enter_run(connection, release_id)
    stood = dict(
        connection.execute("select source_record_id, person_id from linkage.person_records").fetchall()
    )
    now = {
        record: f"P{chosen.groups.index(group)}"
        for record, group in zip(RECORDS, chosen.groups, strict=True)
        if record not in chosen.suppressed | chosen.left_out
    }
    for record in RECORDS:
        person_id = now.get(record)
        if stood.get(record) != person_id:
            connection.execute(
                "update linkage.memberships set valid_to_release = %s where source_record_id = %s and valid_to_release"
                " is null", [release_id, record],
            )  # fmt: skip
        if person_id and stood.get(record) != person_id:
            connection.execute(
                "insert into linkage.memberships values ('brreg', 'roller', %s, '', %s, 'identifier', null, %s, null)",
                [record, person_id, release_id],
            )
    for old, new in sorted({(stood[r], now[r]) for r in stood.keys() & now.keys() if stood[r] != now[r]}):
        change = "split" if old in now.values() else "merged"
        connection.execute(
            "insert into linkage.person_id_history values (%s, %s, %s, %s)", [old, new, release_id, change]
        )
    if chosen.is_decided_by_clerk:
        _decide(connection, stood, now)
    connection.execute(
        "update linkage.runs set last_decision_id = (select coalesce(max(decision_id), 0) from linkage.link_decisions)"
        " where release_id = %s",
        [release_id],
    )


def _decide(connection: psycopg.Connection, stood: dict[str, str], now: dict[str, str]) -> None:
    """Verdicts that say just what linkage did to each pair of records."""
    for place, one in enumerate(RECORDS):
        for other in RECORDS[place + 1 :]:
            if not {one, other} <= stood.keys() & now.keys():
                continue
            was, is_now = stood[one] == stood[other], now[one] == now[other]
            if was != is_now:
                connection.execute(
                    "insert into linkage.link_decisions (source_l, source_record_id_l, source_r, source_record_id_r,"
                    " verdict, reason, author) values ('brreg', %s, 'brreg', %s, %s, '', '')",
                    [one, other, "same" if is_now else "different"],
                )


def decide(verdict: str) -> None:
    """A verdict on the last two records."""
    with warehouse.connect() as connection:
        connection.execute(
            "insert into linkage.link_decisions (source_l, source_record_id_l, source_r, source_record_id_r, verdict, reason, author)"
            " values ('brreg', %s, 'brreg', %s, %s, '', '')", [*RECORDS[3:], verdict],
        )  # fmt: skip


def dispute() -> None:
    """Let the newest verdict be a correction case's."""
    with warehouse.connect() as connection:
        connection.execute(
            "insert into meta.corrections (case_id, event, kind, agency, extract, source_row_id, decision_id, disputed_by,"
            " disputed_since, reason, author) select 'K-2026-001', 'opened', 'link', 'brreg', 'roller', %s, max(decision_id),"
            " 'person', '2026-01-01', '', '' from linkage.link_decisions", [RECORDS[3]],
        )  # fmt: skip


def _assess(connection: psycopg.Connection, pins: Pins, chosen: Chosen) -> None:
    for delivery, status in sorted(STATUSES.items())[: chosen.decisions]:
        connection.execute("delete from toy.decisions where delivery_id = %s", [delivery])
        connection.execute(
            "insert into toy.decisions values (%s, 'P0', %s), (%s, 'P2', %s)", [delivery, status] * 2
        )
    for relation, text in fill_in(_models(chosen), pins, {}).items():
        schema, _, name = relation.partition(".")
        if schema == "marts":
            connection.execute(f"insert into {relation} {text}".encode())
        else:
            connection.execute(
                sql.SQL("drop table if exists {} cascade").format(sql.Identifier(schema, name))
            )
            connection.execute(f"create table {relation} as {text}".encode())
