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

-- Requests: what is shown by a function of the database could be read in a transaction that is then rolled back, and an event in
-- it would go with it. So whoever is to be shown something asks first, and commits; the chain's lock is not held meanwhile.
create or replace view audit.requests_waiting as
select r.* from audit.requests as r
where not exists (select from audit.events as e where e.detail ? 'request' and e.detail ->> 'request' = r.request::text);
comment on view audit.requests_waiting is 'One row per request that the next event will take up into the chain.';

create or replace function audit.as_event(request audit.requests_waiting) returns audit.events
    language sql stable as $$
    select jsonb_populate_record(null::audit.events, to_jsonb(request) || jsonb_build_object(
        'action', 'consultation', 'happened_at', request.asked_at,
        'detail', request.detail || jsonb_build_object('request', request.request)
    ))
$$;
comment on function audit.as_event is 'A request as the event that it becomes, still without its place in the chain.';

create or replace view audit.events_about as
select s.person_id, e.* from audit.subjects as s join audit.events as e using (position)
union all
select person_id, e.* from audit.requests_waiting as r
cross join unnest(r.persons) as person_id cross join audit.as_event(r) as e;
comment on view audit.events_about is
    'One row per person and event about her; a request that no event has taken up yet has no position.';

-- The next link of the chain, for whoever holds the lock.
create or replace function audit.append(event audit.events, persons text[]) returns bigint
    language plpgsql as $$
declare
    subjects text[] := array(select distinct person_id from unnest(persons) as person_id where person_id is not null);
begin
    select coalesce(max(position), 0) + 1 into event.position from audit.events;
    event.subjects_count := cardinality(subjects);
    event.subjects_sha256 := audit.digest(audit.subjects_text(subjects));
    event.previous_sha256 := coalesce((select sha256 from audit.events where position = event.position - 1), '');
    event.sha256 := audit.digest(audit.content(event));
    insert into audit.events select event.*;
    insert into audit.subjects select event.position, person_id from unnest(subjects) as person_id;
    return event.position;
end
$$;

-- Whoever logs holds the lock until the transaction ends, so that no two events follow the same one; to be called last of all.
-- Requests that were committed since the last event become events first.
create or replace function audit.record(event jsonb, persons text[]) returns bigint
    language plpgsql as $$
declare
    logged audit.events;
begin
    lock table audit.events in share row exclusive mode;
    perform audit.append(audit.as_event(r), r.persons) from (select * from audit.requests_waiting order by request) as r;
    logged := jsonb_populate_record(null::audit.events, event);
    logged.happened_at := clock_timestamp();
    logged.login := session_user;
    logged.by_name := meta.without_person_numbers(logged.by_name);
    logged.purpose := meta.without_person_numbers(logged.purpose);
    logged.delivery_id := meta.without_person_numbers(logged.delivery_id);
    return audit.append(logged, persons);
end
$$;
comment on function audit.record is 'Log an event about these persons, in the caller''s transaction; returns its position.';

-- Two words of two letters, and nothing that a reader does not see: control, bidirectional and zero-width characters, private ones.
create or replace function audit.is_purpose(value text) returns boolean
    language sql immutable parallel safe as $$
    select case when coalesce(length(btrim(value)), 0) not between 10 and 500 then false else
        value !~ '[\u0001-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ue000-\uf8ff\ufeff\ufff9-\uffff\U000e0000-\U0010ffff]'
        and (select count(distinct lower(word[1])) from regexp_matches(value, '[[:alpha:]]{2,}', 'g') as word) >= 2
    end
$$;
comment on function audit.is_purpose is 'Whether a text can be a purpose: 10 to 500 characters, all of them visible, and two words at least.';

-- A flood of requests would keep the next event waiting while they are taken up.
create or replace function audit.ask(asked_for text, persons text[], detail jsonb, purpose text, by_name text) returns bigint
    language plpgsql as $$
declare
    number bigint;
begin
    if not audit.is_purpose(purpose) then
        raise invalid_parameter_value using message =
            'It is shown for a stated purpose alone: 10 to 500 visible characters and two words at least, such as a case and what is looked up.';
    elsif by_name is not null and length(by_name) > 100 then
        raise invalid_parameter_value using message = 'The name of who asks has more than 100 characters.';
    elsif (select count(*) from audit.requests as r where r.asked_at > clock_timestamp() - interval '10 minutes') >= 100 then
        raise program_limit_exceeded using message = '100 requests were made in the last ten minutes: wait, and ask for what is needed alone.';
    end if;
    insert into audit.requests (by_name, purpose, detail, asked_for_sha256, persons) values (
        meta.without_person_numbers(coalesce(nullif(btrim(by_name), ''), session_user)), meta.without_person_numbers(purpose),
        detail, audit.digest(asked_for), array(select p from unnest(persons) as p where p is not null)
    ) returning request into number;
    return number;
end
$$;
comment on function audit.ask is 'Ask to be shown something; returns the number by which it is shown once this transaction is committed.';

create or replace function audit.redeem(request bigint) returns text
    language plpgsql as $$
declare
    asked audit.requests;
begin
    select r.* into asked from audit.requests as r where r.request = redeem.request and r.login = session_user;
    if not found then
        raise insufficient_privilege using message = 'This login has made no such request, or it was rolled back.';
    elsif asked.transaction = pg_current_xact_id() then
        raise insufficient_privilege using message = 'The request is not committed yet: commit, and have it shown in another transaction.';
    elsif asked.asked_at < clock_timestamp() - interval '10 minutes' then
        raise insufficient_privilege using message = 'The request is older than ten minutes: ask again.';
    end if;
    insert into audit.shown (request) values (redeem.request) on conflict do nothing;
    if not found then
        raise insufficient_privilege using message = 'What was asked for has been shown: ask again.';
    end if;
    return asked.asked_for_sha256;
end
$$;
comment on function audit.redeem is 'The SHA-256 of what this login asked for and may be shown now, once.';

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
create or replace trigger only_added_to before update or delete or truncate on audit.requests
    for each statement execute function audit.refuse();
create or replace trigger only_added_to before update or delete or truncate on audit.shown
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
        union select linkage.holder($1)
        union select h.old_person_id from ids join linkage.person_id_history as h on h.person_id = ids.person_id
    )
    select person_id from ids
$$;
comment on function audit.ids_of is 'The id that a person has now, and every earlier one that became it or that it was split from.';
