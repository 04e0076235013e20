create or replace view marts_current.release_changes as
    select * from marts.release_changes where release_id = (
        select release_id from meta.releases where status = 'published' order by as_of desc, revision desc limit 1);
