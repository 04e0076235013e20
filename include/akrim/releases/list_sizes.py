"""How long a centre's list was in each of the tertials up to a release."""

from akrim import warehouse
from akrim.contracts import DISMISSED
from akrim.report import TERTIALS_SHOWN, ListSize

# Each tertial's last release that was out by then, with how it is compared with the tertial before; one that has none before it is new as a whole.
SIZES = """
with releases as (
    select distinct on (r.as_of) r.release_id, r.period, r.as_of, case
        when r.last_period_release_id is not null then 'last_period'
        when r.previous_release_id is null or split_part(r.previous_release_id, '.', 1) <> r.period then 'previous'
    end as comparison
    from meta.releases as r join meta.releases as this on this.release_id = %(release_id)s
    where r.as_of <= this.as_of and (r.release_id = this.release_id or r.published_at is not null and r.sequence < this.sequence)
    order by r.as_of desc, r.revision desc
    limit %(periods)s
),
listed as (
    select release_id, person_id from marts.assessments
    where centre_id = %(centre_id)s and status is distinct from %(dismissed)s
)
select r.period, (select count(*) from listed where listed.release_id = r.release_id) as listed,
    (
        select count(distinct person_id) from listed left join marts.release_changes as c using (release_id, person_id)
        where listed.release_id = r.release_id and (r.comparison is null
            or c.comparison = r.comparison and c.centre_id = %(centre_id)s and c.change = 'entered')
    ) as entered
from releases as r
where not exists (select from meta.release_removals as gone where gone.release_id = r.release_id)
order by r.as_of
"""


def list_sizes(release_id: str, centre_id: str) -> tuple[ListSize, ...]:
    """Those not dismissed on the list of each tertial's last release, and how many of them were new; the oldest first."""
    values = {
        "release_id": release_id,
        "centre_id": centre_id,
        "dismissed": DISMISSED,
        "periods": TERTIALS_SHOWN,
    }
    with warehouse.connect() as connection:
        return tuple(ListSize(*row) for row in connection.execute(SIZES, values).fetchall())
