create or replace view meta.deliveries_in_force as
select d.* from meta.deliveries as d
where d.status = 'accepted'
    and not exists (select 1 from meta.delivery_withdrawals as w where w.delivery_id = d.delivery_id);
comment on view meta.deliveries_in_force is
    'One row per delivery that was accepted and not withdrawn: what an assessment may be made from.';

-- Whatever stands in a delivery's place stands in the place of all that it had replaced, be it withdrawn or not.
create or replace view meta.replaced_deliveries as
with recursive replaced as (
    select delivery_id as by_delivery_id, supersedes as delivery_id from meta.deliveries_in_force where supersedes is not null
    union
    select r.by_delivery_id, d.supersedes from replaced as r
    join meta.deliveries as d using (delivery_id) where d.status = 'accepted' and d.supersedes is not null
)
select * from replaced;
comment on view meta.replaced_deliveries is
    'One row per delivery in force and delivery that it replaces: the one that it supersedes, and what that one had superseded.';

create or replace view meta.release_deliveries as
select r.release_id, agency, place::integer, delivery ->> 'delivery_id' as delivery_id,
    delivery ->> 'manifest_sha256' as manifest_sha256
from meta.releases as r
cross join lateral jsonb_each(coalesce(r.pins -> 'deliveries', '{}')) as pinned (agency, deliveries)
cross join lateral jsonb_array_elements(deliveries) with ordinality as listed (delivery, place);
comment on view meta.release_deliveries is
    'One row per delivery that a release was made from; `place` is its place in the order of application.';

create or replace view meta.release_extracts as
select r.release_id, agency, extract, known ->> 'delivery_id' as delivery_id, known ->> 'state' as state,
    (known ->> 'as_of')::date as as_of, (known ->> 'rows')::bigint as rows, (known ->> 'rows_usual')::bigint as rows_usual,
    (known ->> 'is_confirmed')::boolean as is_confirmed
from meta.releases as r
cross join lateral jsonb_each(coalesce(r.pins -> 'extracts', '{}')) as pinned (agency, extracts)
cross join lateral jsonb_each(extracts) as listed (extract, known);
comment on view meta.release_extracts is
    'One row per extract that a release was made from: how it compared with the one before when it came (meta.delivery_files), '
    'and whether a person has confirmed it. Releases of older versions have none.';

create or replace view meta.approvals_in_force as
select a.release_id, a.fingerprint from meta.release_approvals as a
where not exists (
    select from meta.release_holds as h
    where h.release_id = a.release_id and h.by_name is not null and h.held_at > a.approved_at
);
comment on view meta.approvals_in_force is
    'One row per release and inputs that somebody let go, and that nobody has held since.';

create or replace view meta.overtaken_releases as
select r.release_id, r.period from meta.releases as r
where r.status = 'building' and r.published_at is null and (
    exists (select from meta.releases as later where later.published_at is not null and later.sequence > r.sequence)
    or r.is_explained and not exists (select from linkage.runs as linked where linked.release_id = r.release_id)
    or exists (
        select from meta.release_deliveries as d join meta.delivery_withdrawals as w using (delivery_id) where d.release_id = r.release_id
    )
);
comment on view meta.overtaken_releases is
    'One row per release that has not gone out and cannot as it is: another has come out since it was pinned, its links were undone, '
    'or a delivery of its own was withdrawn.';

create or replace view meta.releases_awaiting_approval as
select r.release_id, r.fingerprint, min(h.held_at) as held_since
from meta.releases as r join meta.release_holds as h using (release_id)
where r.status = 'building' and not exists (
    select from meta.approvals_in_force as a where (a.release_id, a.fingerprint) = (r.release_id, r.fingerprint)
)
and r.release_id not in (select o.release_id from meta.overtaken_releases as o)
group by r.release_id, r.fingerprint;
comment on view meta.releases_awaiting_approval is
    'One row per release on hold that nobody has let go, and that somebody still can.';

-- A query plans with these ids as constants, and so reads only the partitions of those deliveries, because the function
-- says that it is immutable. That holds for the life of a query: a release's pins are written before it is built.
create or replace function meta.pinned(agency text, release text) returns text[]
    language sql immutable parallel safe as $$
    select coalesce(array_agg(d.delivery_id order by d.place), '{}')
    from meta.release_deliveries as d where d.agency = $1 and d.release_id = $2
$$;

-- The size of a CTE or of a view is the planner's guess: a guess of one row makes a loop over everything, and hash joins cost a little more
-- where the guess is right and nothing where it is wrong. What a lateral function finds is not memoized: that makes a function of an
-- address twenty times as dear where there are more addresses than fit. Workers take part sooner than by default, which holds handing over a
-- row for ten times as dear as it is beside functions of text. And what is built anew after a crash does not wait for the disk: the
-- commit that ends a release waits for all before it.
create or replace function meta.plan_for_sets() returns void language sql as $$
    select set_config('enable_nestloop', 'off', true), set_config('enable_memoize', 'off', true),
        set_config('parallel_tuple_cost', '0.01', true), set_config('synchronous_commit', 'off', true)
$$;
comment on function meta.plan_for_sets() is 'Has the rest of the transaction planned for statements about everything, not about one.';

create or replace view meta.withheld as
select r.release_id, recipient.key as recipient, split_part(data.key, '.', 1) as agency, split_part(data.key, '.', 2) as category,
    data.value as told
from meta.releases as r
cross join jsonb_each(coalesce(r.pins -> 'withheld', '{}')) as recipient
cross join jsonb_each_text(recipient.value) as data;
comment on view meta.withheld is
    'What the sharing matrix kept from whom when the release was pinned: an agency''s data of a category, of which the recipient '
    'is told nothing, or that there is a hit.';

create or replace view meta.told_nationally as
select r.release_id, split_part(data, '.', 1) as agency, split_part(data, '.', 2) as category
from meta.releases as r
cross join jsonb_array_elements_text(coalesce(r.pins -> 'told_nationally', '[]')) as data;
comment on view meta.told_nationally is
    'What the sharing matrix let the national part rest on when the release was pinned: an agency''s data of a category. What no '
    'row names is not told; releases of older versions tell nothing.';

-- Immutable as meta.pinned is: where nothing is withheld, asking costs a query nothing.
create or replace function meta.is_withheld(release text, recipient text, agency text, category text) returns boolean
language sql immutable parallel safe as $$
    select exists (
        select from meta.releases as r
        where r.release_id = release and r.pins -> 'withheld' -> recipient ? (agency || '.' || category)
    )
$$;
comment on function meta.is_withheld(text, text, text, text) is
    'Whether a release was made without an agency''s data of a category for a recipient.';

create or replace view marts.releases as
select release_id, period, revision, as_of, status, published_at,
    status = 'published' and row_number() over (partition by status = 'published' order by as_of desc, revision desc) = 1
        as is_newest,
    status = 'published' and row_number() over (partition by status = 'published', period order by revision desc) = 1
        as is_newest_of_period,
    row_number() over (order by as_of, revision) as place
from meta.releases;
comment on view marts.releases is
    'One row per release, also those that are not out: its period, cut-off date and status, and whether it is the newest that is '
    'published, which marts_current shows.';
comment on column marts.releases.release_id is 'The period and the revision, such as 2026-T2.1; as text 2026-T2.10 comes before 2026-T2.9: sort by place.';
comment on column marts.releases.period is 'The tertial, such as 2026-T2.';
comment on column marts.releases.revision is 'Which release of the period it is, from 1.';
comment on column marts.releases.as_of is 'The cut-off date: the last day of the period.';
comment on column marts.releases.status is 'building, published, failed, superseded, recalled or erased.';
comment on column marts.releases.published_at is 'When it came out; empty while it never has.';
comment on column marts.releases.is_newest is 'Whether it is the newest that is published: the one in marts_current.';
comment on column marts.releases.is_newest_of_period is 'Whether it is the newest of its period that is published: one of those in marts_history.';
comment on column marts.releases.place is 'Its place among all releases in order of time, from 1.';

-- Stable, as is what they call: PostgreSQL puts no immutable function with such a body in the place of its call.
-- A date that is written as PostgreSQL writes it needs no regular expression, which costs twice as much; how it writes them is a setting.
create or replace function meta.is_date(value text, format text) returns boolean
    language sql stable parallel safe as $$
    select case
        when format = 'DD.MM.YYYY' then value ~ '^[0-9]{2}\.[0-9]{2}\.[0-9]{4}$'
            and pg_input_is_valid(substr(value, 7, 4) || '-' || substr(value, 4, 2) || '-' || substr(value, 1, 2), 'date')
        when value like '____-__-__' and pg_input_is_valid(value, 'date')
            then value::date::text = value or value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
        when value is not null then false
    end
$$;

create or replace function meta.to_date(value text, format text) returns date
    language sql stable parallel safe as $$
    select case
        when not coalesce(meta.is_date(value, format), false) then null
        when format = 'DD.MM.YYYY'
            then (substr(value, 7, 4) || '-' || substr(value, 4, 2) || '-' || substr(value, 1, 2))::date
        else value::date
    end
$$;

-- Protection once known lasts until a valid row lifts it, whether or not later deliveries hold the person. Of a delivery that
-- another one takes the place of, or that was withdrawn (void), what it lifted counts no more; what it protected does.
create or replace function meta.protections(heard text[], void text[]) returns setof landing.protection_statements
    language sql stable parallel safe as $$
    with said as (
        select s as statement, s.grade, d.period, d.delivered_at,
            s.grade is not null and not (s.grade = 'ugradert' and (
                s.delivery_id = any(void) or s.delivery_id in (
                    select newer.supersedes from meta.deliveries as newer
                    where newer.status = 'accepted' and newer.delivery_id = any(heard) and newer.supersedes is not null
                )
            )) as counts
        from landing.protection_statements as s
        join meta.deliveries as d on d.delivery_id = s.delivery_id and d.status = 'accepted'
        where s.delivery_id = any(heard)
    ), judged as (
        select statement, first_value(case when counts then grade end) over (
            partition by (statement).record_id
            order by counts desc, period desc, delivered_at desc, (statement).delivery_id desc, grade = 'ugradert'
        ) as last_grade
        from said
    )
    select (statement).* from judged where last_grade <> 'ugradert'
$$;

-- As of a release: by the deliveries that it was made from, and by the others that it lists as heard on protection.
create or replace function meta.protections_of(release text) returns setof landing.protection_statements
    language sql stable parallel safe as $$
    with beside as (
        select delivery ->> 'delivery_id' as delivery_id, (delivery ->> 'is_lift_void')::boolean as is_lift_void
        from meta.releases as r
        cross join lateral jsonb_each(coalesce(r.pins -> 'protections', '{}')) as listed (agency, deliveries)
        cross join lateral jsonb_array_elements(deliveries) as delivery
        where r.release_id = $1
    )
    select p.* from meta.protections(
        array(
            select delivery_id from meta.release_deliveries where release_id = $1 union select delivery_id from beside
        ),
        array(select delivery_id from beside where is_lift_void)
    ) as p
$$;

-- The accepted deliveries of agencies that tell of protection: what others deliver changes nothing.
create or replace function meta.heard_on_protection() returns setof text
    language sql stable parallel safe as $$
    select delivery_id from meta.deliveries
    where status = 'accepted' and agency in (select s.agency from landing.protection_statements as s)
$$;

-- Of all that has come by now; what was heard of later periods protects whoever it may concern.
create or replace function meta.protected_since(release text)
    returns table (
        agency text, "extract" text, record_id text, identifier text, previous_identifier text, street_address text, postcode text
    )
    language sql stable parallel safe as $$
    select p.agency, p.extract, p.record_id, p.identifier, p.previous_identifier, p.street_address, p.postcode
    from meta.protections(
        array(select delivery_id from meta.deliveries where status = 'accepted'),
        array(select delivery_id from meta.delivery_withdrawals)
    ) as p
    where p.grade is distinct from 'ugradert'
    except
    select p.agency, p.extract, p.record_id, p.identifier, p.previous_identifier, p.street_address, p.postcode
    from meta.protections_of($1) as p
$$;
comment on function meta.protected_since is 'What is said to be protected by now and was not as the release was pinned.';

-- An address with one word for each that clerks write in more ways, and the number of a house without zeros before it or `nr.`. A million take
-- seconds, since it asks for no pattern where none is needed. Rules rest on it: whoever changes it raises their versions.
create or replace function meta.spelt_address(value text) returns text
    language sql immutable parallel safe as $$
    select
        replace(replace(replace(replace(replace(replace(replace(replace(replace(
        replace(replace(replace(replace(replace(replace(replace(replace(
        translate(replace(replace(' ' || lower((
            case when strpos(value, ' 0') > 0
                then regexp_replace(value, '\m0{1,2}(?=[1-9][a-z]?\M)|\m0(?=[1-9][0-9][a-z]?\M)', '', 'gi') else value end
        ) collate "pg_c_utf8") || ' ', 'v.', 'vei '), 'pl.', 'plass '), E'.,;/\\-–_\t\r\n\u00a0', '            '),
        ' nr ', ' '), ' nummer ', ' '), ' sankt ', ' st '), ' doktor ', ' dr '),
        'postboks ', 'pb '), 'post boks ', 'pb '), ' boks ', ' pb '), ' p b ', ' pb '),
        'vegen ', 'veien '), 'vei ', 'veien '), 'veg ', 'veien '), 'vn ', 'veien '), 'vg ', 'veien '),
        'gaten ', 'gata '), 'gate ', 'gata '), 'gt ', 'gata '), 'plassen ', 'plass ')
$$;

-- By which two have the same home or premises: where numbers stand apart they stay so (5-7 is not 57), and so do letters.
create or replace function meta.home_key(value text) returns text
    language sql immutable parallel safe as $$
    select regexp_replace(
        regexp_replace(meta.spelt_address(value), '([0-9])[^[:alnum:]]+(?=[0-9])', '\1_', 'g'),
        '[^[:alnum:]_]', '', 'g'
    )
$$;
comment on function meta.home_key is 'An address in one way of writing, by which homes are compared; `meta.address_key` hides more.';

-- An address but for what clerks differ in: capitals, spaces, signs, Norwegian letters, common abbreviations, the letter of
-- a house and the number of a flat. A text that is longer than any address is not composed: that takes
-- time by the square of the marks on one letter.
create or replace function meta.address_key(value text) returns text
    language sql immutable parallel safe as $$
    select regexp_replace(regexp_replace(replace(replace(replace(
        regexp_replace(regexp_replace(regexp_replace(
            regexp_replace(
                translate(lower(case when length(value) <= 1000 then normalize(value, nfkc) else value end collate "pg_c_utf8"), 'æäåáàâøöóòôéèêëüú', 'aaaaaaoooooeeeeuu'),
                '\m([hulk] ?[0-9]{4}|(leilighet|leil|bolig|app)[. ]*(nr[. ]*)?[0-9]+)\M', ' ', 'g'
            ),
            '(veien|vegen|veg|vei|vn|vg)(?=[^a-z]|$)', 'v', 'g'),
            '(gaten|gata|gate|gt)(?=[^a-z]|$)', 'g', 'g'),
            '(plassen|plass)(?=[^a-z]|$)', 'pl', 'g'),
        'aa', 'a'), 'ae', 'a'), 'oe', 'o'),
        '[^a-z0-9]+', '', 'g'),
        '([0-9])[a-z]$', '\1')
$$;

-- What an address may be known by: as a whole, and each part with a number, between commas or before a floor, a postal town or
-- a second line; also with the Sámi letters that ISO-8859-1 has not as others (`address_key` leaves them out). Each as written and as it is
-- spelt otherwise. After `c/o` nothing tells where the name ends, so that any of the words there may begin the street.
create or replace function meta.keys_of_parts(value text) returns text[]
    language sql immutable parallel safe as $$
    with parts as (
        select part, place
        from (
            select case when length(value) <= 1000
                then translate(normalize(value, nfkc), 'ČčĐđŊŋŠšŦŧŽž', 'ccddnnssttzz')
            end as plain
        ) as spelt
        cross join unnest(array[value, plain] || regexp_split_to_array(value, '[,;\n]') || regexp_split_to_array(
            plain, '[,;\n]|\s/\s|\s(?=[0-9]{4}\s+[^0-9]+$)|\s(?=[0-9]{1,2}\.?\s?et(g|asje)\M)', 'i'
        )) with ordinality as parts (part, place)
    ), after_care_of as (
        select distinct regexp_split_to_array(btrim(regexp_replace(part, '^.*\m(c\s?[/\\]\s?o\M|v\s?/)', '', 'i')), '\s+') as words
        from parts where length(part) <= 1000 and part ~* '\m(c\s?[/\\]\s?o\M|v\s?/)'
    ), may_be as (
        select part, place from parts
        union all
        select array_to_string(words[first:], ' '), 3
        from after_care_of cross join generate_series(greatest(1, cardinality(words) - 9), cardinality(words)) as first
    )
    select array(
        select distinct key from may_be cross join unnest(array[meta.address_key(part), meta.address_key(meta.spelt_address(part))]) as key
        where place <= 2 or key ~ '[a-z].*[0-9]'
    )
$$;

-- Most have none of this, and are told at once. From an array, since workers take no part in a lateral union.
create or replace function meta.address_keys(value text) returns setof text
    language sql immutable parallel safe rows 1 as $$
    select key
    from unnest(
        case
            when value ~* '[,;/\\\n]|\s[0-9]{4}\s|[0-9]\W*et|[^\u0001-\u00ff]|\m(nr|nummer|0|sankt|doktor|(post ?)?boks|p\W*b)'
                then meta.keys_of_parts(value)
            else array[meta.address_key(value)]
        end
    ) as key
    where key <> ''
$$;

-- Digests, since equality is all that is asked and few may read the address. One without a postcode counts everywhere.
create or replace function meta.protected_address_digests(street_address text, postcode text) returns setof bytea
    language sql immutable parallel safe rows 4 as $$
    select sha256(convert_to(known, 'UTF8'))
    from meta.address_keys(street_address) as key
    cross join unnest(array[key || ' anywhere', key || ' ' || coalesce(nullif(btrim(postcode), ''), 'everywhere')]) as known
$$;

create or replace function meta.borne_address_digests(street_address text, postcode text) returns setof bytea
    language sql immutable parallel safe rows 4 as $$
    select sha256(convert_to(known, 'UTF8'))
    from meta.address_keys(street_address) as key
    cross join unnest(array[key || ' everywhere', key || ' ' || coalesce(nullif(btrim(postcode), ''), 'anywhere')]) as known
$$;

-- Free text in which every person number of any series is eleven stars: eleven digits in a row whose control digits fit, written
-- together or with spaces and signs where such numbers are parted (120380 01505, 12.03.80-01505, 120380 015 05).
create or replace function meta.mask_person_numbers(value text) returns text
    language plpgsql immutable parallel safe as $$
declare
    signs text[] := string_to_array(value, null);
    places integer[];
    digits bytea;
    before integer;
    gap integer;
    is_apart boolean;
    is_written_so boolean;
    at integer := 1;
begin
    select array_agg(place order by place), convert_to(string_agg(sign, '' order by place), 'UTF8') into places, digits
    from unnest(string_to_array(translate(value, '０１２３４５６７８９', '0123456789'), null)) with ordinality as s (sign, place)
    where sign ~ '^[0-9]$';
    while at <= length(digits) - 10 loop
        is_written_so := true;
        is_apart := false;
        for i in 1..10 loop
            gap := places[at + i] - places[at + i - 1] - 1;
            if gap > 0 then
                is_apart := is_apart or i = 6;
                -- Sign by sign: a slice of an array copies all of it, which takes hours where a text is long.
                before := places[at + i - 1];
                is_written_so := gap <= 3 and (i in (2, 4, 6) or i = 9 and is_apart)
                    and concat(signs[before + 1], case when gap > 1 then signs[before + 2] end, case when gap > 2 then signs[before + 3] end)
                        !~ '[[:alpha:]]';
                exit when not is_written_so;
            end if;
        end loop;
        if is_written_so and meta.person_number_kind_2032(convert_from(substr(digits, at, 11), 'UTF8')) is not null then
            signs[places[at]] := '***********';
            for place in places[at] + 1..places[at + 10] loop
                signs[place] := '';
            end loop;
            at := at + 11;
        else
            at := at + 1;
        end if;
    end loop;
    return array_to_string(signs, '');
end
$$;

-- Where there are not eleven digits with no letter between, nothing is looked for. Inlined, it asks for its value more than
-- once: to be given a column, not an expression that costs.
create or replace function meta.without_person_numbers(value text) returns text
    language sql immutable parallel safe as $$
    select case when length(value) >= 11 and value ~ '([0-9０-９][^[:alpha:]]*){11}' then meta.mask_person_numbers(value) else value end
$$;

-- As earlier programs have it.
drop function if exists meta.lay_key(text, text[]);
create or replace function meta.lay_key(mart text, columns text[], is_primary boolean) returns void
    language plpgsql as $$
declare
    kind "char" := case when is_primary then 'p' else 'u' end;
begin
    if exists (
        select from pg_constraint
        where conrelid = format('marts.%I', mart)::regclass and conname = mart || '_key' and contype = kind
    ) then
        return;
    end if;
    -- Earlier programs laid none that is primary; references to it are laid anew after it.
    execute format('alter table marts.%I drop constraint if exists %I cascade', mart, mart || '_key');
    execute format(
        'alter table marts.%I add constraint %I %s (%s)', mart, mart || '_key', case kind when 'p' then 'primary key' else 'unique' end,
        (select string_agg(quote_ident(name), ', ' order by place) from unnest(columns) with ordinality as c (name, place))
    );
exception when unique_violation or not_null_violation then
    raise warning 'marts.% has rows of older releases that are not unique by its key, or have it empty, and stays as it was', mart;
end
$$;
comment on function meta.lay_key is
    'Give a mart the key that says what one row is, where it has none yet: the primary one, unless a column of it may be empty.';

-- As earlier programs have it.
drop function if exists meta.lay_reference(text, text[], text);
create or replace function meta.lay_reference(mart text, columns text[], target text, named text[] default null) returns void
    language plpgsql as $$
declare
    reference text := left(mart || '_to_' || target || '_by_' || array_to_string(columns, '_'), 63);
    listed text[] := array(
        select 'release_id, ' || (select string_agg(quote_ident(name), ', ' order by place) from unnest(side) with ordinality as c (name, place))
        from (values (1, columns), (2, coalesce(named, columns))) as sides (number, side) order by number
    );
begin
    -- Before PostgreSQL 18 there is no reference that is not enforced.
    if current_setting('server_version_num')::integer >= 180000
        and exists (
            select from pg_constraint
            where conrelid = to_regclass(format('marts.%I', target)) and conname = target || '_key'
        )
        and not exists (
            select from pg_constraint where conrelid = format('marts.%I', mart)::regclass and conname = reference
        )
    then
        execute format(
            'alter table marts.%I add constraint %I foreign key (%s) references marts.%I (%s) not enforced',
            mart, reference, listed[1], target, listed[2]
        );
    end if;
end
$$;
comment on function meta.lay_reference is
    'Say, without enforcing it, that rows of a mart refer to rows of another of the same release, where that is not said yet: by these '
    'columns, which are named otherwise there, if need be.';

-- A name's words with their release, for an index in which the beginnings of words are found; the query is made by the same
-- rule, so that both split and fold letters alike, whatever the database's locale.
create or replace function marts.name_words(release_id text, name text) returns tsvector
    language sql immutable parallel safe set search_path = pg_catalog as $$
    select array_to_tsvector(array(
        select distinct release_id || '/' || left(word, 100) from regexp_split_to_table(lower(left(name, 2000)), '[[:space:][:punct:]]+') as word where word <> ''
    ))
$$;
comment on function marts.name_words is 'The words of a name as an index of names holds them, each with its release; of a word 100 letters, of a name 2000, since neither a lexeme nor an index takes more.';

create or replace function marts.name_query(release_id text, asked text) returns tsquery
    language sql immutable parallel safe set search_path = pg_catalog as $$
    select coalesce(string_agg(quote_literal(release_id || '/' || left(word, 100)) || ':*', ' & '), '')::tsquery
    from regexp_split_to_table(lower(asked), '[[:space:][:punct:]]+') as word where word <> ''
$$;
comment on function marts.name_query is 'What finds the names of a release in which each of these words begins a word.';
