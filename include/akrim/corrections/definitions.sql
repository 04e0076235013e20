create or replace view meta.moved_disputes as
    select distinct on (c.case_id) c.case_id, linkage.holder(g.person_id) as person_id, g.release_id
    from linkage.given_away as g
    join meta.releases as r using (release_id)
    join linkage.runs as n using (release_id)
    cross join lateral jsonb_to_recordset(r.pins -> 'corrections') as c (
        case_id text, agency text, "extract" text, source_row_id text, person_source text, person_source_record_id text
    )
    where (g.source, g.source_record_id) = (c.person_source, c.person_source_record_id)
        or c.person_source is null and (g.source, g.extract, g.source_record_id) = (c.agency, c.extract, c.source_row_id)
    order by c.case_id, n.run_number;
comment on view meta.moved_disputes is
    'One row per correction case on a person record whose key has been given to somebody else since it was opened: whose it was until '
    'that release, and so who disputes.';
