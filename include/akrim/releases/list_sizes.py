"""How long a centre's list was in each of the tertials up to a release."""

from akrim import warehouse
from akrim.contracts import DISMISSED
from akrim.report import ListSize

# Each release and the last one of the period before it, as far back as the rows of releases are kept.
SIZES = """
with recursive releases as (
    select 1 as place, release_id, period, coalesce(last_period_release_id, previous_release_id) as before_id,
        case when last_period_release_id is null then 'previous' else 'last_period' end as comparison
    from meta.releases where release_id = %(release_id)s
    union all
    select place + 1, earlier.release_id, earlier.period, coalesce(last_period_release_id, previous_release_id),
        case when last_period_release_id is null then 'previous' else 'last_period' end
    from releases join meta.releases as earlier on earlier.release_id = releases.before_id
    where place < %(periods)s
),
listed as (
    select release_id, person_id from marts.assessments
    where centre_id = %(centre_id)s and status is distinct from %(dismissed)s
)
select r.period, (select count(*) from listed where listed.release_id = r.release_id) as listed,
    (
        select count(distinct person_id) from marts.release_changes as c join listed using (release_id, person_id)
        where c.release_id = r.release_id and c.comparison = r.comparison and c.centre_id = %(centre_id)s and c.change = 'entered'
    ) as entered
from releases as r
where not exists (select from meta.release_removals as gone where gone.release_id = r.release_id)
order by r.place desc
"""
PERIODS = 6


def list_sizes(release_id: str, centre_id: str) -> tuple[ListSize, ...]:
    """Those not dismissed on the list of each tertial's last release, and how many of them were new; the oldest first."""
    values = {
        "release_id": release_id,
        "centre_id": centre_id,
        "dismissed": DISMISSED,
        "periods": PERIODS,
    }
    with warehouse.connect() as connection:
        return tuple(ListSize(*row) for row in connection.execute(SIZES, values).fetchall())
