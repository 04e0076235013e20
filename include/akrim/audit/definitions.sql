-- The text that an event's hash is of. The columns are listed and nulls left out, so that a column that comes later changes no
-- hash of before.
create or replace function audit.content(event audit.events) returns text
    language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object(
        'position', event.position,
        'happened_at', to_char(event.happened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'action', event.action, 'login', event.login, 'by_name', event.by_name, 'purpose', event.purpose,
        'recipient', event.recipient, 'agency', event.agency, 'release_id', event.release_id,
        'delivery_id', event.delivery_id, 'detail', event.detail, 'subjects_count', event.subjects_count,
        'subjects_sha256', event.subjects_sha256, 'previous_sha256', event.previous_sha256
    ))::text
$$;
comment on function audit.content(audit.events) is 'An event as the JSON text whose SHA-256 is its hash.';

create or replace function audit.digest(value text) returns text
    language sql immutable parallel safe as $$ select encode(sha256(convert_to(value, 'UTF8')), 'hex') $$;
comment on function audit.digest is 'The SHA-256 of a text, in hexadecimal.';

create or replace function audit.subjects_text(persons text[]) returns text
    language sql immutable parallel safe as $$
    select coalesce(string_agg(person_id, e'\n' order by person_id collate "C"), '') from unnest(persons) as person_id
$$;
comment on function audit.subjects_text is 'Persons as the text whose SHA-256 an event holds.';

-- Whoever logs holds the lock until the transaction ends, so that no two events follow the same one; to be called last of all.
create or replace function audit.record(event jsonb, persons text[]) returns bigint
    language plpgsql as $$
declare
    logged audit.events;
    subjects text[];
begin
    lock table audit.events in share row exclusive mode;
    subjects := array(select distinct person_id from unnest(persons) as person_id where person_id is not null);
    logged := jsonb_populate_record(null::audit.events, event);
    select coalesce(max(position), 0) + 1 into logged.position from audit.events;
    logged.happened_at := clock_timestamp();
    logged.login := session_user;
    logged.by_name := meta.without_person_numbers(logged.by_name);
    logged.purpose := meta.without_person_numbers(logged.purpose);
    logged.delivery_id := meta.without_person_numbers(logged.delivery_id);
    logged.subjects_count := cardinality(subjects);
    logged.subjects_sha256 := audit.digest(audit.subjects_text(subjects));
    logged.previous_sha256 := coalesce((select sha256 from audit.events where position = logged.position - 1), '');
    logged.sha256 := audit.digest(audit.content(logged));
    insert into audit.events select logged.*;
    insert into audit.subjects select logged.position, person_id from unnest(subjects) as person_id;
    return logged.position;
end
$$;
comment on function audit.record is 'Log an event about these persons, in the caller''s transaction; returns its position.';

create or replace function audit.refuse() returns trigger language plpgsql as $$
begin
    raise insufficient_privilege using message = 'The audit log is only ever added to.';
end
$$;
create or replace trigger only_added_to before update or delete or truncate on audit.events
    for each statement execute function audit.refuse();
create or replace trigger only_added_to before update or delete or truncate on audit.subjects
    for each statement execute function audit.refuse();
create or replace trigger only_added_to before update or delete or truncate on audit.anchors
    for each statement execute function audit.refuse();

create or replace function audit.anchor_of(release_id text) returns jsonb
    language sql stable as $$
    select jsonb_build_object('position', a.position, 'sha256', a.sha256) from audit.anchors as a where a.release_id = $1
$$;
comment on function audit.anchor_of is 'The position and hash that a release''s signatures state; nothing where it has none.';

-- Linkage is the owner's to read; an auditor's login is told the ids of one person alone.
create or replace function audit.ids_of(person_id text) returns setof text
    language sql stable security definer set search_path = '' as $$
    with recursive ids as (
        select $1 as person_id
        union select linkage.resolve($1)
        union select h.old_person_id from ids join linkage.person_id_history as h on h.person_id = ids.person_id
    )
    select person_id from ids
$$;
comment on function audit.ids_of is 'The id that a person has now, and every earlier one that became it or that it was split from.';
