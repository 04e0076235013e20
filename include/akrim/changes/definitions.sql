create or replace view marts_current.release_changes as
    select * from marts.release_changes where release_id = (select release_id from marts.releases where is_newest);

create or replace view marts_history.release_changes as
    select r.period, r.as_of, c.* from marts.release_changes as c join marts.releases as r using (release_id)
    where r.is_newest_of_period;

comment on table marts.release_changes is
    'One row per release, change of a person on a centre''s list and cause of it: against the previous release (comparison '
    'previous) and, for a revision, against the last release of the period before (last_period). Of entered, left, rose '
    'and fell a person has at most one on a list, over whose causes points sum up to the whole difference; other changes of the person have some of '
    'these points again.';
comment on column marts.release_changes.release_id is 'The release that the change came with.';
comment on column marts.release_changes.comparison is 'Which earlier release it is held against: previous, or last_period for a revision.';
comment on column marts.release_changes.previous_release_id is 'The earlier release; empty for a first release, where everybody entered.';
comment on column marts.release_changes.centre_id is 'The centre on whose list the change is.';
comment on column marts.release_changes.change_number is 'The place of the change in the centre''s list of changes, from 1.';
comment on column marts.release_changes.cause_number is 'The place of the cause among the change''s causes, in the order in which they were taken over; 0 where none had an effect.';
comment on column marts.release_changes.person_id is 'The person, by the id of this release.';
comment on column marts.release_changes.change is 'entered, left, rose, fell, status, merged, split, corrected or erased.';
comment on column marts.release_changes.cause is 'source, linkage, link_decision, prioritisation, rule, code, correction, sharing or erasure.';
comment on column marts.release_changes.points is 'What this cause adds to the person''s points; sum them over entered, left, rose and fell alone. Of a status only the causes that changed it are here.';
comment on column marts.release_changes.rank_before is 'The place on the list before this cause; empty where the person was not on it.';
comment on column marts.release_changes.rank_after is 'The place on the list after this cause; empty where the person is not on it.';
comment on column marts.release_changes.detail is 'The list''s entry before and after, what the cause changed (rules, membership, proposed_status, status) and in words (detail_nb, detail_en), the main cause, and is_all where the earlier release could not be assessed again, so that one cause stands for all (docs/changes.md).';

do $$
declare
    told text;
begin
    for told in
        select format('comment on %s is %L', place, said)
        from unnest(array['marts_current', 'marts_history']) as schemas (name),
            lateral (
                select format('view %I.release_changes', name) as place, obj_description('marts.release_changes'::regclass, 'pg_class') as said
                union all
                select format('column %I.release_changes.%I', name, attname), col_description(attrelid, attnum)
                from pg_attribute where attrelid = 'marts.release_changes'::regclass and attnum > 0 and not attisdropped
            ) as comments
    loop
        execute told;
    end loop;
end
$$;
comment on column marts_history.release_changes.period is 'The tertial that the row is of.';
comment on column marts_history.release_changes.as_of is 'Its cut-off date.';
