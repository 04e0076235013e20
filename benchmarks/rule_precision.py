"""Each rule held against the answer keys of several worlds: whom it hits, and what would change without it.

`assessment.py` loads each world and adds its figures here; `table` makes one Markdown table of all. Right is who is an actor
or lends an actor a name. Where the answer key says the very thing that a rule looks for, precision and recall are of that.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

import duckdb
from akrim.rules import catalogue
from akrim.settings import PROJECT_ROOT

# Whom the answer key says to have done what the rule looks for: who is rightly hit, and who of them must be (queries of true ids).
RECENT = "(select as_of - interval 6 years from cut_off)"
INVOLVED = f"select true_person_id from true_bankruptcy_involvement where bankruptcy_date::date > {RECENT}"
BEHIND = "select behind_true_person_id from true_straw_man where orgnr {} (from bankrupt)"
OF_NETWORKS = """select true_person_id from true_person join true_network n using (network_id)
    where n.{} = 'true' and n.started::date <= (select as_of from cut_off)"""
LEADERS = "select leader_true_person_id from true_network n where n.{} = 'true' and n.started::date <= (select as_of from cut_off)"
OF_NETWORK_ENTERPRISES = f"{INVOLVED} and orgnr in (select orgnr from true_enterprise where kind = 'network')"
OF_PHOENIXES = f"{INVOLVED} and orgnr in (select bankrupt_orgnr from true_phoenix)"
TRUTHS = {
    "bankruptcy": (INVOLVED, INVOLVED),
    "serial_bankruptcy": (f"{INVOLVED} group by all having count(distinct orgnr) >= 2",) * 2,
    "phoenix": (OF_PHOENIXES, f"{OF_PHOENIXES} and true_person_id in (select leader_true_person_id from true_network)"),
    "planned_bankruptcy": (OF_NETWORK_ENTERPRISES, OF_NETWORK_ENTERPRISES),
    "role_handed_over": (BEHIND.format("in"), f"{BEHIND.format('in')} and since::date > {RECENT}"),
    "leads_through_others": (BEHIND.format("not in"), BEHIND.format("not in")),
} | {
    rule: (OF_NETWORKS.format(trait), LEADERS.format(trait))
    for rule, trait in (
        ("bogus_self_employment", "uses_sole_proprietors"),
        ("employees_made_suppliers", "uses_sole_proprietors"),
        ("underpaid_workers", "underpays"),
        ("fictitious_part_time", "understates_positions"),
        ("frequent_accountant_changes", "changes_accountants"),
        ("fictitious_employment", "uses_fictitious_jobs"),
        ("fictitious_invoices", "uses_fictitious_invoices"),
    )
}  # fmt: skip

KINDS = """create table kinds as select true_person_id as true_id, case
        when true_person_id in (select true_id from actors) then 'actor'
        when kind <> 'ordinary' then kind
        when true_person_id in (select to_true_person_id from true_family_handover) then 'family heir'
        when true_person_id in (select leader_true_person_id from true_honest_takeover) then 'honest taker-over'
        when true_person_id in (select i.true_person_id from true_bankruptcy_involvement i
            join true_honest_takeover t on t.bankrupt_orgnr = i.orgnr) then 'led before an honest takeover'
        else 'ordinary' end as kind from true_person"""
FIRED = """create table fired as select o.person_id, t.true_id, o.indicator_code as rule, o.dimension, o.area, o.points,
        o.points_alone, nullif(r.event, '') as event_kind,
        list_transform(from_json(o.events, '[{"event": "varchar"}]'), lambda e: e.event) as events
    from indicator_observations o join true_of t using (person_id) join rule_events r on r.code = o.indicator_code
    where o.checked = 'fired'"""
# Each person's points as all rules but one give them, every event once, and the place on each centre's list.
STANDING = """
    with kept as (from fired where rule <> ?),
    told as (select person_id, event_kind, count(distinct event) as n
        from (select person_id, event_kind, unnest(events) as event from kept where event_kind is not null) group by all),
    parts as (
        select person_id, dimension, area, points from kept where event_kind is null
        union all
        select person_id, dimension, area, least(sum(points_alone), first_points + further_points * (n - 1))
        from kept join told using (person_id, event_kind) join event_caps on event = event_kind
        group by person_id, dimension, area, event_kind, first_points, further_points, n
    ),
    summed as (select person_id, coalesce(sum(points) filter (where dimension = 'intention'), 0) as intention,
            coalesce(sum(points) filter (where dimension = 'capacity'), 0) as able,
            count(distinct area) filter (where dimension = 'intention' and points > 0) as areas
        from parts group by all),
    standing as (select *, case when intention >= 20 then able else 0 end as capacity from summed),
    proposed as (select person_id, intention, capacity, min(seriousness) as seriousness
        from standing join thresholds on intention >= minimum_intention_points and capacity >= minimum_capacity_points
            and areas >= minimum_areas group by all)
    select centre_id, person_id, row_number() over (partition by centre_id
        order by seriousness, intention + capacity desc, intention desc, person_id) as rank
    from proposed join release_persons using (person_id)"""


@dataclass
class Precision:
    """Figures of all worlds, by rule."""

    fired: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    truth: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    leave: Counter[str] = field(default_factory=Counter)
    leave_top: Counter[str] = field(default_factory=Counter)

    def add(self, con: duckdb.DuckDBPyConnection) -> None:
        """One world, as `assessment.load` has it."""
        prepare(con)
        for rule, kind, number in con.sql(
            "select rule, kind, count(distinct true_id) from fired join kinds using (true_id) group by all"
        ).fetchall():
            self.fired[rule] += number
            self.kinds[rule][kind] += number
        for rule, (right, wanted) in TRUTHS.items():
            self.truth[rule].update(compared(con, rule, right, wanted))
        whole = lists(con, "")
        released = con.sql("select centre_id, person_id, rank from assessments").fetchall()
        if whole != set(released):
            raise SystemExit("The lists computed here are not the release's: bring STANDING up to date.")
        for rule in (rule.code for rule in catalogue.load_rules()):
            without = lists(con, rule)
            self.leave[rule] += len(persons(whole) - persons(without))
            self.leave_top[rule] += len(persons(whole, 20) ^ persons(without, 20))


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create table rule_events (code varchar, event varchar)")
    con.executemany(
        "insert into rule_events values (?, ?)", [(rule.code, rule.event) for rule in catalogue.load_rules()]
    )
    for seed in ("event_caps", "status_thresholds", "status_codes"):
        con.read_csv(str(PROJECT_ROOT / "dbt_project" / "seeds" / f"{seed}.csv")).create(seed)
    con.sql(
        "create table thresholds as select t.*, seriousness from status_thresholds t join status_codes on status = proposed_status"
    )
    con.sql(KINDS)
    con.sql(FIRED)


def compared(con: duckdb.DuckDBPyConnection, rule: str, right: str, wanted: str) -> dict[str, int]:
    query = f"""with hit as (select distinct true_id from fired where rule = ?),
        is_right (true_id) as ({right}), wanted (true_id) as ({wanted})
        select (select count(*) from hit), (select count(*) from (from hit intersect from is_right)),
            (select count(distinct true_id) from wanted), (select count(*) from (from hit intersect from wanted))"""
    row = con.execute(query, [rule]).fetchall()[0]
    return dict(zip(("hit", "right", "wanted", "found"), row, strict=True))


def lists(con: duckdb.DuckDBPyConnection, without: str) -> set[tuple[str, str, int]]:
    return set(con.execute(STANDING, [without]).fetchall())


def persons(rows: set[tuple[str, str, int]], last: int = 10**9) -> set[tuple[str, str]]:
    return {(centre, person) for centre, person, rank in rows if rank <= last}


def table(found: Precision) -> str:
    """One row a rule; `–` where the answer key does not say the very thing."""
    lines = [
        "| rule | fired | actors | lent names | right | hit wrongly | of the very thing: precision, recall"
        " | leave lists without it | top-20 places |",
        "|---|--:|--:|--:|--:|---|---|--:|--:|",
    ]
    for rule in catalogue.load_rules():
        code, kinds = rule.code, Counter(found.kinds[rule.code])
        actors, lent = kinds.pop("actor", 0), kinds.pop("straw_man", 0)
        wrong = ", ".join(f"{kind} {number}" for kind, number in kinds.most_common())
        share = f"{(actors + lent) / found.fired[code]:.2f}" if found.fired[code] else "–"
        lines.append(
            f"| `{code}` | {found.fired[code]} | {actors} | {lent} | {share} | {wrong or '–'} | {of_the_thing(found.truth[code])} |"
            f" {found.leave[code]} | {found.leave_top[code]} |"
        )
    idle = [
        code
        for code in (rule.code for rule in catalogue.load_rules())
        if not found.leave[code] + found.leave_top[code]
    ]
    lines += ["", f"Rules whose removal changes no list: {', '.join(idle) or 'none'}."]
    return "\n".join(lines)


def of_the_thing(truth: Counter[str]) -> str:
    if not truth["wanted"]:
        return "–"
    return f"{truth['right'] / max(truth['hit'], 1):.2f}, {truth['found'] / truth['wanted']:.2f} ({truth['wanted']})"
