-- What the row security of the schema `shared` asks. The functions run as their owner, since a centre's login reads no other
-- schema; they tell it nothing but the names of releases.

create or replace function shared.recipient() returns text language sql stable as $$
    select substr(current_user, length('akrim_centre_') + 1) where starts_with(current_user, 'akrim_centre_')
$$;
comment on function shared.recipient() is 'The centre of the login that asks; nothing for other logins.';

create or replace function shared.releases_out() returns setof text
language sql stable security definer set search_path = '' as $$
    select release_id from meta.releases where status in ('published', 'superseded')
$$;
comment on function shared.releases_out() is 'The releases that were published and neither recalled nor erased.';

create or replace function shared.newest_release() returns text
language sql stable security definer set search_path = '' as $$
    select release_id from meta.releases where status = 'published' order by as_of desc, revision desc limit 1
$$;
comment on function shared.newest_release() is 'The newest release that is published.';
