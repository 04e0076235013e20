"""One incriminating fact, role or tie more, all else equal, never lowers the one whom it concerns."""

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import pytest

from tests.assessment.clusters import FACTS, fill, holding, make, orgnrs, stood_in, subsidiary
from tests.assessment.project import Project, rows

PAIRS = 400
# Besides these, pairs of which one more enterprise leads another, where some do already.
HOLDINGS = 60
# And pairs of which one begins to lead where another stood in for her.
LATER = 20
STANDING = """
select points.person_id, max(total_points) as total, min(seriousness) as seriousness
from intermediate.points_of_persons as points left join seeds.status_codes on proposed_status = status group by 1
"""
STANDING_OF_ENTERPRISES = """
select points.group_id, max(intention_points + capacity_points) as total, min(seriousness) as seriousness
from intermediate.points_of_groups as points left join seeds.status_codes on proposed_status = status
where group_kind = 'enterprise' group by 1
"""
# Each list's networks with their enterprises.
STANDING_OF_NETWORKS = """
select points.centre_id, points.group_id, intention_points + capacity_points as total, seriousness,
    array_agg(members.member_id) as orgnrs
from intermediate.points_of_groups as points
left join seeds.status_codes on proposed_status = status
join intermediate.network_nodes as members on members.network_id = points.group_id and members.member_kind = 'enterprise'
where group_kind = 'network' group by 1, 2, 3, 4
"""
# What no longer operates is on no list of enterprises.
ENDED = "select orgnr from intermediate.registered_enterprises where bankruptcy_date is not null"
# Through how many enterprises something is led, as the evidence tells.
CHAINS = """
select distinct jsonb_array_length(item -> 'through') as steps
from marts.indicator_observations cross join jsonb_array_elements(evidence) as item where item ? 'through'
"""
# To be found to stand in for another speaks for whoever does, as far as roles go.
FRONTS = """
select distinct front_person_id as person_id from intermediate.straw_men where not has_own_role
union select person_id from marts.indicator_observations cross join jsonb_array_elements(evidence) as item where item ? 'lent_name'
"""


@dataclass(frozen=True)
class Pair:
    """A cluster as it is (a) and with one fact more (b): that fact, and the enterprises of each in one order."""

    fact: str
    enterprises: list[tuple[str, str]]


@pytest.fixture
def added(project: Project, warehouse: str) -> dict[str, Pair]:
    """Every cluster twice, by name."""
    numbers = orgnrs()
    clusters, pairs = [], {}
    for place in range(PAIRS):
        fact = sorted(FACTS)[place % len(FACTS)]
        own = [[next(numbers) for _ in range(9)] for _ in "ab"]
        pair = [make(random.Random(place), f"c{place}{which}", own[n]) for n, which in enumerate("ab")]
        FACTS[fact](random.Random(-place), pair[1])
        clusters += pair
        pairs[f"c{place}"] = Pair(fact, list(zip(*own, strict=True)))
    for place in range(PAIRS, PAIRS + HOLDINGS):
        own = [[next(numbers) for _ in range(12)] for _ in "ab"]
        pair = [make(random.Random(place), f"c{place}{which}", own[n][:9]) for n, which in enumerate("ab")]
        for cluster, orgnrs_of, more in zip(pair, own, (5, 6), strict=True):
            for number in orgnrs_of[9:]:
                subsidiary(cluster, number)
            rng = random.Random(-place)
            for _ in range(more):
                holding(rng, cluster)
        clusters += pair
        pairs[f"c{place}"] = Pair("holding", list(zip(*own, strict=True)))
    for place in range(PAIRS + HOLDINGS, PAIRS + HOLDINGS + LATER):
        own = [[next(numbers) for _ in range(9)] for _ in "ab"]
        pair = [make(random.Random(place), f"c{place}{which}", own[n]) for n, which in enumerate("ab")]
        for cluster in pair:
            stood_in(cluster)
        pair[1].role("p", 1, date(2024, 12, 1), None, "LEDE")
        clusters += pair
        pairs[f"c{place}"] = Pair("role taken later", list(zip(*own, strict=True)))
    fill(clusters)
    project.build({"release_id": "2025-T3.1", "period": "2025-T3", "as_of": "2025-12-31"})
    return pairs


@pytest.mark.slow
def test_no_fact_lowers_a_status_or_a_place(added: dict[str, Pair]) -> None:
    """Of equals the list goes by status, then by points, so neither may fall, of persons, of the enterprises that they lead and of networks."""
    standing = {row["person_id"]: (-(row["seriousness"] or 99), row["total"] or 0) for row in rows(STANDING)}
    fronts = {row["person_id"] for row in rows(FRONTS)}
    lowered = {
        f"{name}{who} by {pair.fact}": (before, after)
        for name, pair in added.items()
        for who in ("p", "q")
        if (after := standing.get(f"{name}b{who}", (-99, 0)))
        < (before := standing.get(f"{name}a{who}", (-99, 0)))
        and f"{name}b{who}" not in fronts
    }
    assert not lowered
    risen = [
        name for name in added if standing.get(f"{name}bp", (-99, 0)) > standing.get(f"{name}ap", (-99, 0))
    ]
    assert len(risen) > PAIRS / 4
    assert len({value[0] for value in standing.values()}) == 5, "every status and none"
    assert {1, 2} <= {row["steps"] for row in rows(CHAINS)}

    groups = {
        row["group_id"]: (-(row["seriousness"] or 99), row["total"]) for row in rows(STANDING_OF_ENTERPRISES)
    }
    ended = {row["orgnr"] for row in rows(ENDED)}
    assert {
        f"{name} by {pair.fact}": (groups[one], groups.get(other))
        for name, pair in added.items()
        if not {f"{name}bp", f"{name}bq"} & fronts
        for one, other in pair.enterprises
        if one in groups and other not in ended and groups.get(other, (-99, 0)) < groups[one]
    } == {}
    assert len(groups) > PAIRS / 4

    # A network is what has most of its enterprises now. Who is found to be a front brings fewer points of roles, to a network too. Moved staff
    # tie by their share of all, so that more staff may loosen a tie: a network is then two.
    networks = defaultdict(list)
    for row in rows(STANDING_OF_NETWORKS):
        networks[row["centre_id"]].append((set(row["orgnrs"]), (-(row["seriousness"] or 99), row["total"])))
    compared = [
        (f"{name} by {pair.fact}", before, max(heirs, default=(0, (-99, 0)))[1])
        for name, pair in added.items()
        if pair.fact != "staff" and not {f"{name}bp", f"{name}bq"} & fronts
        for listed in networks.values()
        for orgnrs, before in listed
        if (counterparts := {other for one, other in pair.enterprises if one in orgnrs})
        for heirs in [[(len(counterparts & now), other) for now, other in listed if counterparts & now]]
    ]
    assert [case for case in compared if case[2] < case[1]] == []
    assert len(compared) > PAIRS / 2
