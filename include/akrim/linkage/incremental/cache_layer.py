"""What a finished run adds to the cache: the new rows of each table, and the keys of the rows that they replace.

After a full run the layer holds everything; after an incremental run, only what was computed again.
"""

import duckdb

from akrim.linkage.engine import tables


@tables(
    reads="described descriptions existing_memberships id_changes new_grouped_descriptions new_memberships"
    " new_record_descriptions new_standard new_units opening_memberships replaced replaced_units standard units",
    writes="layer_* removed_*",
)
def create_layer_views(con: duckdb.DuckDBPyConnection, is_of_change: bool) -> None:
    """Create the views `layer_<table>` and `removed_<table>`."""
    memberships = "opening_memberships" if is_of_change else "new_memberships"
    con.execute(
        f"create or replace temp table current_memberships as {CURRENT_MEMBERSHIPS.format(memberships=memberships)}"
    )
    for name, query in (OF_CHANGE if is_of_change else IN_FULL).items():
        con.execute(f"create or replace temp view {name} as {query}")


# A record that is gone keeps its claim on the person that its own was merged into.
CURRENT_MEMBERSHIPS = """
with merged as (select old_person_id, person_id as survivor from id_changes where change = 'merged')
select source || '/' || source_record_id as record_key, source, extract, source_record_id, content_digest, person_id,
    link_kind, match_weight, same_number_as, has_borrowed_number, true as is_current, true as is_new
from {memberships}
union all
select source || '/' || source_record_id, source, extract, source_record_id, content_digest,
    coalesce(m.survivor, s.person_id), link_kind, match_weight, same_number_as, has_borrowed_number, false, is_current or m.survivor is not null
from existing_memberships s anti join new_memberships using (source, source_record_id) left join merged m on m.old_person_id = s.person_id
"""
DESCRIBED_COLUMNS = "u.record_key, t.first_key, s.source, u.unit_key, u.national_number, u.d_number, u.is_borrowed, u.identity"
IN_FULL = {
    "layer_standard": "from standard",
    "layer_described": (
        f"select {DESCRIBED_COLUMNS} from units u join described d using (record_key)"
        " join descriptions t using (description_id) join standard s using (record_key)"
    ),
    "layer_descriptions": "select * exclude (unit_id, description_id) from descriptions",
    "layer_memberships": "select * exclude (is_new) from current_memberships",
}
OF_CHANGE = {
    "layer_standard": "from new_standard",
    "layer_described": (
        f"select {DESCRIBED_COLUMNS} from new_units u join new_record_descriptions t using (record_key)"
        " join new_standard s using (record_key)"
    ),
    "layer_descriptions": "from new_grouped_descriptions",
    "layer_memberships": "select * exclude (is_new) from current_memberships where is_new",
    "removed_standard": "from replaced",
    "removed_described": "from replaced",
    "removed_descriptions": "from replaced_units",
    "removed_memberships": "select record_key from current_memberships where is_new",
}
