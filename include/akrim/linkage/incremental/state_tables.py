"""What a finished run has to keep: the rows of each kept table that are new, and the keys of those that they replace.

In go the run's own tables, out come the views `layer_<table>` and `taken_<table>` that kept.py writes. After a full run
the layer is everything; after an incremental one it is what was made anew.
"""

import duckdb

from akrim.linkage.engine import tables


@tables(
    reads="described descriptions id_changes new_standard new_told new_told_by new_units opening records replaced replaced_units resulting standard standing_rows units",
    writes="layer_* taken_*",
)
def lay_tables(con: duckdb.DuckDBPyConnection, is_of_change: bool) -> None:
    """Make the views."""
    resulting = "opening" if is_of_change else "resulting"
    con.execute(f"create or replace temp table now_standing as {NOW_STANDING.format(resulting=resulting)}")
    for name, query in (OF_CHANGE if is_of_change else IN_FULL).items():
        con.execute(f"create or replace temp view {name} as {query}")


# A record that is gone keeps its claim on whoever its person has become.
NOW_STANDING = """
with merged as (select old_person_id, person_id as survivor from id_changes where change = 'merged')
select source || '/' || source_record_id as record_key, source, extract, source_record_id, content_digest, person_id,
    link_kind, match_weight, same_number_as, has_borrowed_number, true as stands, true as is_new
from {resulting}
union all
select source || '/' || source_record_id, source, extract, source_record_id, content_digest,
    coalesce(m.survivor, s.person_id), link_kind, match_weight, same_number_as, has_borrowed_number, false, stands or m.survivor is not null
from standing_rows s anti join resulting using (source, source_record_id) left join merged m on m.old_person_id = s.person_id

"""
DESCRIBED_COLUMNS = "u.record_key, t.first_key, s.source, u.unit_key, u.national_number, u.d_number, u.is_borrowed, u.identity"
IN_FULL = {
    "layer_standard": (
        "select s.*, r.digest from standard s join records r on r.source || '/' || r.source_record_id = s.record_key"
    ),
    "layer_described": (
        f"select {DESCRIBED_COLUMNS} from units u join described d using (record_key)"  # noqa: S608  # columns named here
        " join descriptions t using (description_id) join standard s using (record_key)"
    ),
    "layer_told": "select * exclude (unit_id, description_id) from descriptions",
    "layer_memberships": "select * exclude (is_new) from now_standing",
}
OF_CHANGE = {
    "layer_standard": "from new_standard",
    "layer_described": (
        f"select {DESCRIBED_COLUMNS} from new_units u join new_told_by t using (record_key)"  # noqa: S608  # columns named here
        " join new_standard s using (record_key)"
    ),
    "layer_told": "from new_told",
    "layer_memberships": "select * exclude (is_new) from now_standing where is_new",
    "taken_standard": "from replaced",
    "taken_described": "from replaced",
    "taken_told": "from replaced_units",
    "taken_memberships": "select record_key from now_standing where is_new",
}
