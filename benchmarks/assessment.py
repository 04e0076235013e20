"""The assessment held against a synthetic world's answer key: findings, ranking, hard negatives and seconds.

    python benchmarks/assessment.py --persons 20000 --seed 11 [--seed 12 ...]
    python benchmarks/assessment.py --home HOME --inbox INBOX

With --persons it makes a world per seed, runs the whole pipeline on it in a home of its own under var/bench, and prints
one Markdown table per world and one of all rules over all worlds; with --home and --inbox it measures a run that is there.
Nothing here is read by the pipeline.

An answer key marks whoever will be an actor in that world, also before anything has happened. `active` are those whose
network has begun by the cut-off date (and all who act alone); `visible` those of them who left a trace that may count:
a role in an enterprise of their network, or a police case that is neither dropped nor an acquittal.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
from akrim import warehouse
from akrim.periods import Period
from akrim.settings import get_settings
from psycopg import sql
from rule_precision import Precision, table

HARD_NEGATIVES = (
    "accountant",
    "auditor",
    "estate_lawyer",
    "registration_agent",
    "serial_entrepreneur",
    "family heir",
)
MARTS = (
    "assessments", "bankruptcy_involvements", "indicator_observations", "networks", "network_members", "offence_cases",
    "release_persons", "roles", "straw_man_ties",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--persons", type=int, default=20000)
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--period", default="2026-T1")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--inbox", type=Path)
    given = parser.parse_args()
    rules = Precision()
    if given.home:
        report(given.home, given.inbox, given.period, {}, str(given.home), rules)
        print(f"\n## Rules\n\n{table(rules)}")
        return
    for seed in given.seed or [11]:
        folder = Path("var/bench/assessment") / f"{given.persons}-{seed}"
        seconds = run_world(folder, given.persons, seed, given.period)
        report(
            folder / "home",
            folder / "inbox",
            given.period,
            seconds,
            f"{given.persons:,} persons, seed {seed}",
            rules,
        )
    print(f"\n## Rules, over all these worlds\n\n{table(rules)}")


def run_world(folder: Path, persons: int, seed: int, period: str) -> dict[str, float]:
    """Make the world and run the pipeline on it; what each stage took, in seconds."""
    command = (sys.executable, "-c", "from akrim.cli import main; main()")
    inbox = str(folder / "inbox")
    environment = {**os.environ, "AKRIM_HOME": str(folder / "home")}
    world = ("--out", inbox, "--period", period, "--persons", str(persons), "--seed", str(seed))
    subprocess.run([*command, "synth", *world], check=True, capture_output=True, env=environment)
    ran = subprocess.run(
        [*command, "run", "--inbox", inbox, "--period", period, "--json"],
        check=True, stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    seconds: dict[str, float] = json.loads(ran.stdout)["seconds"]
    return seconds


def report(
    home: Path, inbox: Path, period: str, seconds: dict[str, float], title: str, rules: Precision
) -> None:
    """Print what was found of what is true, and add it to what was found of rules."""
    con = load(home, inbox.resolve().parent / "truth", period)
    print(f"\n## {title}, {period}\n\n| finding | true | found | precision | recall |\n|---|--:|--:|--:|--:|")
    for name, (truth, claimed) in FINDINGS.items():
        print(f"| {name} | {' | '.join(compared(con, truth, claimed))} |")
    for query in (ACTORS, FAMILY, INSTRUMENTS, TOP, WRONG_IN_TOP):
        result = con.sql(query)
        print("\n| " + " | ".join(result.columns) + " |\n|" + "---|" * len(result.columns))
        for row in result.fetchall():
            print("| " + " | ".join(str(cell) for cell in row) + " |")
    rules.add(con)
    # A world whose release is there already is measured without being run again.
    if {"stage", "assess", "link"} <= seconds.keys():
        dbt = seconds["stage"] + seconds["assess"]
        print(f"\ndbt layers {dbt:.1f} s, linkage {seconds['link']:.1f} s: {dbt / seconds['link']:.2f} to 1")


def load(home: Path, truth: Path, period: str) -> duckdb.DuckDBPyConnection:
    """The answer key and the newest release's marts, in DuckDB, with every person's true id beside."""
    os.environ["AKRIM_HOME"] = str(home)
    get_settings.cache_clear()
    con = duckdb.connect()
    for path in sorted(truth.glob("*.csv")):
        con.read_csv(str(path), all_varchar=True).create(f"true_{path.stem}")
    for mart in MARTS:
        query = sql.SQL("select * from {}").format(sql.Identifier("marts_current", mart))
        con.from_arrow(warehouse.read_arrow(query)).create(mart)
    con.register(
        "rows", warehouse.read_arrow("select source, source_record_id, person_id from linkage.person_records")
    )
    con.execute(
        """create table true_of as select person_id, mode(true_person_id) as true_id
        from rows join true_person_record using (source, source_record_id) where period = ? group by person_id""",
        [period],
    )
    con.execute("create table cut_off as select ?::date as as_of", [Period.parse(period).as_of])
    for statement in DERIVED:
        con.sql(statement)
    return con


def compared(con: duckdb.DuckDBPyConnection, truth: str, found: str) -> tuple[str, ...]:
    query = f"""with truth as (select distinct * from ({truth})), found as (select distinct * from ({found}))
        select (select count(*) from truth), (select count(*) from found),
            (select count(*) from (from truth intersect from found))"""
    wanted, seen, right = con.sql(query).fetchall()[0]
    return str(wanted), str(seen), f"{right / max(seen, 1):.3f}", f"{right / max(wanted, 1):.3f}"


# What the answer key and the evidence say, in shapes that can be held against each other.
DERIVED = (
    """create table evidence as select person_id, indicator_code, unnest(from_json(evidence,
        '[{"agency": "varchar", "extract": "varchar", "source_row_id": "varchar", "orgnr": "varchar"}]'), recursive := true)
        from indicator_observations where checked = 'fired'""",
    "create table bankrupt as select orgnr from true_enterprise where bankrupt is not null",
    """create table members as
        select 'person' as kind, true_person_id as id, network_id from true_person where network_id is not null
        union all select 'enterprise', orgnr, network_id from true_enterprise
        where network_id is not null and kind <> 'bogus_self_employment'""",
    """create table found_members as
        select m.network_id, member_kind as kind, coalesce(t.true_id, member_id) as id from network_members m
        left join true_of t on m.member_kind = 'person' and t.person_id = m.member_id""",
    """create table actors as select true_person_id as true_id, kind,
        n.started is null or n.started::date <= (select as_of from cut_off) as is_active
        from true_person left join true_network n using (network_id) where is_threat_actor = 'true'""",
    """create table traces as
        select t.true_id from roles r join true_of t using (person_id) join true_enterprise e using (orgnr)
        join true_person p on p.true_person_id = t.true_id and p.network_id = e.network_id
        union select t.true_id from offence_cases c join true_of t using (person_id)
        where coalesce(outcome_code, '') not like 'henlagt%' and coalesce(outcome_code, '') <> 'frifinnelse'""",
    """create table pointed as select t.true_id, max(total) as points from (
            select person_id, sum(points) as total from indicator_observations group by all
        ) join true_of t using (person_id) group by all""",
)

TRUE_PAIRS = """select a.id as one, b.id as other from members a join members b using (network_id)
    where a.kind = 'enterprise' and b.kind = 'enterprise' and a.id < b.id"""
FOUND_PAIRS = """select a.id as one, b.id as other from found_members a join found_members b using (network_id)
    where a.kind = 'enterprise' and b.kind = 'enterprise' and a.id < b.id
        and (a.id in (select id from members) or b.id in (select id from members))"""
# What is older than the look-back lists nobody, and a network of nobody who is listed is not looked for.
ASSESSED_NETWORKS = """select p.network_id from assessments join true_of using (person_id)
    join true_person p on p.true_person_id = true_of.true_id"""
TRUE_STRAW = "select straw_true_person_id, orgnr from true_straw_man"
FOUND_STRAW = """select t.true_id, orgnr from straw_man_ties join true_of t on t.person_id = front_person_id
    where orgnr {} (from bankrupt)"""

# Name: (what is true, what was found), each a query whose rows are compared as they are.
FINDINGS = {
    "bankruptcy involvement (person, enterprise)": (
        "select true_person_id, orgnr from true_bankruptcy_involvement",
        "select true_id, orgnr from bankruptcy_involvements join true_of using (person_id)",
    ),
    "phoenix within the look-back (bankrupt enterprise)": (
        "select bankrupt_orgnr from true_phoenix where bankrupt_date::date > (select as_of - interval 6 years from cut_off)",
        "select orgnr from evidence where indicator_code = 'phoenix' and extract = 'roller'",
    ),
    "straw man, handed over before a bankruptcy (straw man, enterprise)": (
        f"{TRUE_STRAW} where orgnr in (from bankrupt)",
        FOUND_STRAW.format("in"),
    ),
    "straw man, carrying on for another (straw man, enterprise)": (
        f"{TRUE_STRAW} where orgnr not in (from bankrupt)",
        FOUND_STRAW.format("not in"),
    ),
    "network (pairs of enterprises, where a true network is touched)": (TRUE_PAIRS, FOUND_PAIRS),
    "network, of those with somebody assessed in them": (
        f"{TRUE_PAIRS.replace('where', f'where a.network_id in ({ASSESSED_NETWORKS}) and')}",
        FOUND_PAIRS,
    ),
}

ACTORS = """
    select case when not is_active then 'not begun yet' when a.true_id in (from traces) then 'active, visible'
        else 'active, no trace that may count' end as "true actors",
        count(*) as number, count(p.points) as "with points",
        count(*) filter (where a.true_id in (select true_id from assessments join true_of using (person_id))) as listed
    from actors a left join pointed p on p.true_id = a.true_id and p.points > 0 group by all order by 1"""
# Businesses duly handed to a spouse or child at home, beside those that a rule takes for a cover.
FAMILY = f"""
    select count(*) as "family handovers", count(*) filter (where orgnr in (from bankrupt)) as "bankrupt since",
        count(*) filter (where (to_true_person_id, orgnr) in ({FOUND_STRAW.format("in")}
            union {FOUND_STRAW.format("not in")})) as "taken for a cover",
        count(*) filter (where from_true_person_id in (select true_id from assessments join true_of using (person_id)))
            as "giver listed",
        count(*) filter (where to_true_person_id in (select true_id from assessments join true_of using (person_id)))
            as "heir listed"
    from true_family_handover"""
TOP = """
    select centre_id as centre, count(*) filter (where rank <= 20) as shown,
        round(avg((t.true_id in (select true_id from actors))::int) filter (where rank <= 20), 3) as "actors in top 20",
        (select round(avg((b.true_id in (select true_id from actors))::int), 3)
            from release_persons r join true_of b using (person_id) where r.centre_id = assessments.centre_id) as chance
    from assessments join true_of t using (person_id) group by all order by 1"""
# A straw man above the one he stands in for on a list of both, or on a list where that one is not.
INSTRUMENTS = """
    with listed as (
        select true_id, centre_id, min(rank) as place from assessments join true_of using (person_id) group by all
    )
    select count(distinct straw) as "straw men with their principals",
        count(distinct straw) filter (where s.place is not null) as "straw man listed",
        count(distinct straw) filter (where s.place < b.place) as "straw man above",
        count(distinct straw) filter (where s.place is not null and b.place is null) as "on a list without him"
    from (
        select distinct straw_true_person_id as straw, behind_true_person_id as behind from true_straw_man
    ) pairs
    left join listed s on s.true_id = pairs.straw
    left join listed b on b.true_id = pairs.behind and b.centre_id = s.centre_id"""
WRONG_IN_TOP = f"""
    select kind as "in a top 20 and no actor", count(*) as places, kind in {HARD_NEGATIVES} as "hard negative"
    from (
        select case when h.to_true_person_id is not null then 'family heir' else coalesce(p.kind, 'unknown') end as kind
        from assessments join true_of t using (person_id) left join true_person p on p.true_person_id = t.true_id
            left join (select distinct to_true_person_id from true_family_handover) h on h.to_true_person_id = t.true_id
        where rank <= 20 and t.true_id not in (select true_id from actors)
    ) group by all order by 2 desc"""

if __name__ == "__main__":
    main()
