-- What a clerk is shown of a person record: who it is about, numbers and telephones masked, and no home that is protected. The functions
-- are PL/pgSQL so that they find dbt's tables, which are made anew by every release, when they are called.

create or replace function linkage.masked_number(value text) returns text
    language sql immutable parallel safe as $$
    select case when value ~ '^[0-9]{11}$' then left(value, 6) || '*****' when value <> '' then '***' end
$$;
comment on function linkage.masked_number is 'A person number''s first six digits, which tell the birth date; of what is none nothing.';

-- Until a release has been assessed it is not known whose home is protected: all are hidden.
create or replace function linkage.shown_record(source text, source_record_id text)
    returns table (
        given_name text, middle_name text, family_name text, birth_date text, street_address text, postcode text,
        has_protected_address boolean, identifier text, phone text
    )
    language plpgsql stable as $$
declare
    is_hidden boolean := true;
    kept record;
begin
    select r.* into kept from intermediate.person_records as r
    where r.source = shown_record.source and r.source_record_id = shown_record.source_record_id;
    if not found then return; end if;
    if to_regclass('intermediate.protected_persons') is not null and to_regclass('intermediate.protected_addresses') is not null then
        is_hidden := exists (
            select from linkage.person_records as l join intermediate.protected_persons as p on p.person_id = l.person_id
            where l.source = kept.source and l.source_record_id = kept.source_record_id
        ) or exists (
            select from meta.borne_address_digests(kept.street_address, kept.postcode) as digest
            join intermediate.protected_addresses as p on p.address_digest = digest
        ) or exists (
            select from linkage.person_records as l join linkage.hidden_persons as p on p.person_id = l.person_id
            where l.source = kept.source and l.source_record_id = kept.source_record_id
        ) or exists (
            select from meta.borne_address_digests(kept.street_address, kept.postcode) as digest
            join linkage.hidden_addresses as p on p.address_digest = digest
        );
    end if;
    return query select kept.given_name::text, kept.middle_name::text, kept.family_name::text, kept.birth_date::text,
        case when not is_hidden then kept.street_address::text end, case when not is_hidden then kept.postcode::text end,
        is_hidden, kept.identifier::text, kept.phone::text;
end
$$;
comment on function linkage.shown_record is 'A person record as it is reviewed; its numbers as they are, a protected home as nothing.';

create or replace function linkage.says(source text, source_record_id text, is_unmasked boolean) returns text
    language sql stable as $$
    select concat_ws(', ', concat_ws(' ', given_name, middle_name, family_name), birth_date, street_address, postcode,
        case when is_unmasked then identifier else linkage.masked_number(identifier) end,
        case when is_unmasked then phone when phone <> '' then '********' end)
    from linkage.shown_record($1, $2)
$$;
comment on function linkage.says is 'A person record in a line, as clerks read it.';

create or replace view linkage.shown_pairs as
    select source_l, source_record_id_l, source_r, source_record_id_r from linkage.review_queue
    union all
    select source_l, source_record_id_l, source_r, source_record_id_r from linkage.to_read_again;
comment on view linkage.shown_pairs is 'One row per pair that clerks are shown: those that wait for a verdict or for a second reader.';

-- The login of clerks reads what follows, and nothing else. The functions run as their owner.
-- Whoever asks may have the server print its plans, in which values stand as constants: not within these functions.
create or replace function clerk.pairs()
    returns table (
        one text, other text, cause text, match_weight double precision, priority double precision,
        are_numbers_equal boolean, are_telephones_equal boolean
    )
    language plpgsql stable security definer set search_path = ''
    set client_min_messages = warning set debug_print_parse = off set debug_print_rewritten = off set debug_print_plan = off
    set plan_cache_mode = force_generic_plan as $$
begin
    if to_regclass('intermediate.person_records') is null then return; end if;
    return query
    select q.source_l || '/' || q.source_record_id_l, q.source_r || '/' || q.source_record_id_r, q.cause,
        q.match_weight::double precision, q.priority::double precision,
        nullif(l.identifier, '') = nullif(r.identifier, ''), nullif(l.phone, '') = nullif(r.phone, '')
    from linkage.review_queue as q
    left join intermediate.person_records as l on (l.source, l.source_record_id) = (q.source_l, q.source_record_id_l)
    left join intermediate.person_records as r on (r.source, r.source_record_id) = (q.source_r, q.source_record_id_r);
end
$$;

create or replace view clerk.pairs with (security_barrier) as select * from clerk.pairs();
comment on view clerk.pairs is
    'One row per pair that waits for review: its records, the cause, the weight, and whether numbers and telephones are the same.';

create or replace function clerk.records()
    returns table (
        record text, given_name text, middle_name text, family_name text, birth_date text, street_address text, postcode text,
        has_protected_address boolean, masked_number text, has_telephone boolean
    )
    language plpgsql stable security definer set search_path = ''
    set client_min_messages = warning set debug_print_parse = off set debug_print_rewritten = off set debug_print_plan = off
    set plan_cache_mode = force_generic_plan as $$
begin
    if to_regclass('intermediate.person_records') is null then return; end if;
    return query
    select k.source || '/' || k.source_record_id, s.given_name, s.middle_name, s.family_name, s.birth_date, s.street_address,
        s.postcode, s.has_protected_address, linkage.masked_number(s.identifier), coalesce(s.phone <> '', false)
    from (
        select source_l as source, source_record_id_l as source_record_id from linkage.review_queue
        union select source_r, source_record_id_r from linkage.review_queue
    ) as k
    cross join lateral linkage.shown_record(k.source, k.source_record_id) as s;
end
$$;

create or replace view clerk.records with (security_barrier) as select * from clerk.records();
comment on view clerk.records is
    'One row per record of a pair that waits for review, as its agency delivered it; person number masked, no protected home.';

create or replace function clerk.compared(one text, other text)
    returns table (
        record text, given_name text, middle_name text, family_name text, birth_date text, street_address text, postcode text,
        has_protected_address boolean, masked_number text, has_telephone boolean, cause text, outcome text, guard text,
        match_weight double precision, threshold double precision, weighings jsonb, are_numbers_equal boolean,
        are_telephones_equal boolean
    )
    language plpgsql stable security definer set search_path = ''
    set client_min_messages = warning set debug_print_parse = off set debug_print_rewritten = off set debug_print_plan = off
    set plan_cache_mode = force_generic_plan as $$
begin
    if to_regclass('intermediate.person_records') is null then return; end if;
    return query
    select k.source || '/' || k.source_record_id, s.given_name, s.middle_name, s.family_name, s.birth_date, s.street_address,
        s.postcode, s.has_protected_address, linkage.masked_number(s.identifier), coalesce(s.phone <> '', false), q.cause,
        q.outcome, q.guard, q.match_weight::double precision, f.threshold::double precision, f.steps,
        nullif(s.identifier, '') = nullif(o.identifier, ''), nullif(s.phone, '') = nullif(o.phone, '')
    from linkage.review_queue as q
    left join linkage.findings as f
        on (f.source_l, f.source_record_id_l, f.source_r, f.source_record_id_r)
            = (q.source_l, q.source_record_id_l, q.source_r, q.source_record_id_r) and f.valid_to_release is null
    cross join lateral (values
        (1, q.source_l, q.source_record_id_l, q.source_r, q.source_record_id_r),
        (2, q.source_r, q.source_record_id_r, q.source_l, q.source_record_id_l)
    ) as k (place, source, source_record_id, other_source, other_record_id)
    left join lateral linkage.shown_record(k.source, k.source_record_id) as s on true
    left join lateral linkage.shown_record(k.other_source, k.other_record_id) as o on true
    where q.source_l = split_part(compared.one, '/', 1) and q.source_record_id_l = substr(compared.one, strpos(compared.one, '/') + 1)
        and q.source_r = split_part(compared.other, '/', 1)
        and q.source_record_id_r = substr(compared.other, strpos(compared.other, '/') + 1)
    order by k.place;
end
$$;
comment on function clerk.compared is
    'The two records of a pair that waits for review, one row each, as clerk.records has them, with what they weigh together.';

create or replace function clerk.compared_again(one text, other text, by_name text)
    returns table (
        record text, given_name text, middle_name text, family_name text, birth_date text, street_address text, postcode text,
        has_protected_address boolean, masked_number text, has_telephone boolean, are_numbers_equal boolean,
        are_telephones_equal boolean
    )
    language plpgsql stable security definer set search_path = ''
    set client_min_messages = warning set debug_print_parse = off set debug_print_rewritten = off set debug_print_plan = off
    set plan_cache_mode = force_generic_plan as $$
begin
    if to_regclass('intermediate.person_records') is null then return; end if;
    return query
    select k.record, s.given_name, s.middle_name, s.family_name, s.birth_date, s.street_address,
        s.postcode, s.has_protected_address, linkage.masked_number(s.identifier), coalesce(s.phone <> '', false),
        nullif(s.identifier, '') = nullif(o.identifier, ''), nullif(s.phone, '') = nullif(o.phone, '')
    from clerk.again(compared_again.by_name) as q
    cross join lateral (values (1, q.one, q.other), (2, q.other, q.one)) as k (place, record, other)
    left join lateral linkage.shown_record(split_part(k.record, '/', 1), substr(k.record, strpos(k.record, '/') + 1)) as s on true
    left join lateral linkage.shown_record(split_part(k.other, '/', 1), substr(k.other, strpos(k.other, '/') + 1)) as o on true
    where q.one = compared_again.one and q.other = compared_again.other
    order by k.place;
end
$$;
comment on function clerk.compared_again is
    'As clerk.compared, of a pair that by_name is to read blind: without weight, cause or verdict.';

create or replace function clerk.beside(one text, other text, most integer)
    returns table (
        record text, given_name text, middle_name text, family_name text, birth_date text, street_address text, postcode text,
        has_protected_address boolean, masked_number text, has_telephone boolean, is_of_one boolean
    )
    language plpgsql stable security definer set search_path = ''
    set client_min_messages = warning set debug_print_parse = off set debug_print_rewritten = off set debug_print_plan = off
    set plan_cache_mode = force_generic_plan as $$
declare
    of_one text := (
        select m.person_id from linkage.person_records as m
        where m.source = split_part(one, '/', 1) and m.source_record_id = substr(one, strpos(one, '/') + 1)
    );
    of_other text := (
        select m.person_id from linkage.person_records as m
        where m.source = split_part(other, '/', 1) and m.source_record_id = substr(other, strpos(other, '/') + 1)
    );
begin
    if not exists (select from clerk.compared(one, other)) then return; end if;
    return query
    select m.source || '/' || m.source_record_id, s.given_name, s.middle_name, s.family_name, s.birth_date, s.street_address,
        s.postcode, s.has_protected_address, linkage.masked_number(s.identifier), coalesce(s.phone <> '', false), m.person_id = of_one
    from linkage.person_records as m
    cross join lateral linkage.shown_record(m.source, m.source_record_id) as s
    where m.person_id in (of_one, of_other) and m.source || '/' || m.source_record_id not in (beside.one, beside.other)
    order by m.person_id <> of_one, 1 limit most;
end
$$;
comment on function clerk.beside is
    'The further records of the persons of a pair that waits for review, at most so many, as clerk.records has them.';

-- Two steps, since what a transaction logs goes with it when it is rolled back after the number was read.
create or replace function clerk.ask_number(record text, purpose text, by_name text default null) returns bigint
    language plpgsql security definer set search_path = '' set client_min_messages = warning as $$
begin
    if not exists (
        select from linkage.shown_pairs as q
        where ask_number.record in (q.source_l || '/' || q.source_record_id_l, q.source_r || '/' || q.source_record_id_r)
    ) then
        raise insufficient_privilege using message = 'No pair with this record waits for review.';
    end if;
    return audit.ask(
        record, array(select p.person_id from linkage.person_records as p where p.source || '/' || p.source_record_id = record),
        jsonb_build_object('command', 'clerk.unmask', 'record_source', split_part(record, '/', 1)), purpose, by_name
    );
end
$$;
comment on function clerk.ask_number is
    'Ask for the person number of a record that waits for review, for a stated purpose; returns the request for clerk.unmask.';

create or replace function clerk.unmask(request bigint) returns text
    language plpgsql security definer set search_path = ''
    set client_min_messages = warning set debug_print_parse = off set debug_print_rewritten = off set debug_print_plan = off
    set plan_cache_mode = force_generic_plan as $$
declare
    asked_for text := audit.redeem(request);
    record text := (
        select r from linkage.shown_pairs as q
        cross join unnest(array[q.source_l || '/' || q.source_record_id_l, q.source_r || '/' || q.source_record_id_r]) as r
        where audit.digest(r) = asked_for limit 1
    );
begin
    if record is null then
        raise insufficient_privilege using message = 'No pair with this record waits for review any longer.';
    end if;
    return (
        select s.identifier
        from linkage.shown_record(split_part(record, '/', 1), substr(record, strpos(record, '/') + 1)) as s
    );
end
$$;
comment on function clerk.unmask is
    'The person number that this login has asked for in a transaction that was committed, no more than ten minutes ago; once.';
