create table if not exists meta.schema_version (version text primary key);

create table if not exists meta.deliveries (
    delivery_id text not null,
    manifest_sha256 text not null,
    agency text not null,
    period text,
    mode text,
    supersedes text,
    status text not null check (status in ('accepted', 'refused')),
    reason text,
    detail text,
    delivered_at timestamptz,
    received_at timestamptz not null default now(),
    manifest jsonb,
    folder text not null,
    folder_fingerprint text not null,
    notes text[] not null default '{}',
    primary key (delivery_id, manifest_sha256),
    check ((status = 'refused') = (reason is not null))
);
create unique index if not exists deliveries_accepted_once
    on meta.deliveries (delivery_id) where status = 'accepted';
comment on table meta.deliveries is
    'One row per delivery and manifest content: what came, and whether it was accepted or refused, and why.';

create index if not exists deliveries_folder on meta.deliveries (folder, folder_fingerprint);

create table if not exists meta.delivery_files (
    delivery_id text not null,
    manifest_sha256 text not null,
    extract text not null,
    file_name text not null,
    rows_declared bigint,
    rows_loaded bigint not null default 0,
    rows_quarantined bigint not null default 0,
    sha256 text,
    primary key (delivery_id, manifest_sha256, extract),
    foreign key (delivery_id, manifest_sha256) references meta.deliveries
);
comment on table meta.delivery_files is
    'One row per file that a manifest names: rows declared = rows loaded + rows quarantined where accepted.';

create table if not exists meta.delivery_withdrawals (
    delivery_id text primary key,
    by_name text not null,
    reason text not null,
    withdrawn_at timestamptz not null default now()
);
comment on table meta.delivery_withdrawals is
    'One row per accepted delivery that a person took out of force: by whom, and why. Its rows stay where they are.';

create or replace view meta.deliveries_in_force as
select d.* from meta.deliveries as d
where d.status = 'accepted'
    and not exists (select 1 from meta.delivery_withdrawals as w where w.delivery_id = d.delivery_id);
comment on view meta.deliveries_in_force is
    'One row per delivery that was accepted and not withdrawn: what an assessment may be made from.';

create table if not exists quarantine.rows (
    delivery_id text not null,
    manifest_sha256 text not null,
    extract text not null,
    row_number bigint not null,
    expectation text not null,
    reason text not null,
    raw jsonb,
    primary key (delivery_id, manifest_sha256, extract, row_number)
);
comment on table quarantine.rows is
    'One row per record set aside, with the expectation that it failed and the row as sent.';

create table if not exists meta.releases (
    release_id text primary key,
    period text not null,
    revision integer not null,
    as_of date not null,
    status text not null
        check (status in ('building', 'published', 'failed', 'superseded', 'recalled', 'erased')),
    fingerprint text not null,
    base_release_id text references meta.releases,
    previous_release_id text references meta.releases,
    last_period_release_id text references meta.releases,
    is_explained boolean not null default false,
    sequence bigint generated always as identity,
    pins jsonb not null,
    reserved_at timestamptz not null default now(),
    published_at timestamptz,
    failure text,
    unique (period, revision)
);
alter table meta.releases add column if not exists serial integer;
comment on table meta.releases is
    'One row per release: what it was made from (pins), its input fingerprint, and where it stands.';

alter table meta.releases add column if not exists previous_release_id text references meta.releases;
alter table meta.releases add column if not exists last_period_release_id text references meta.releases;
alter table meta.releases add column if not exists is_explained boolean not null default false;

create or replace view meta.release_deliveries as
select r.release_id, agency, place::integer, delivery ->> 'delivery_id' as delivery_id,
    delivery ->> 'manifest_sha256' as manifest_sha256
from meta.releases as r
cross join lateral jsonb_each(coalesce(r.pins -> 'deliveries', '{}')) as pinned (agency, deliveries)
cross join lateral jsonb_array_elements(deliveries) with ordinality as listed (delivery, place);
comment on view meta.release_deliveries is
    'One row per delivery that a release was made from; `place` is its place in the order of application.';

-- A query plans with these ids as constants, and so reads only the partitions of those deliveries, because the function
-- says that it is immutable. That holds for the life of a query: a release's pins are written before it is built.
create or replace function meta.pinned(agency text, release text) returns text[]
    language sql immutable parallel safe as $$
    select coalesce(array_agg(d.delivery_id order by d.place), '{}')
    from meta.release_deliveries as d where d.agency = $1 and d.release_id = $2
$$;

create or replace view marts.releases as
select release_id, period, revision, as_of, status, published_at,
    status = 'published' and row_number() over (partition by status = 'published' order by as_of desc, revision desc) = 1
        as is_newest
from meta.releases;
comment on view marts.releases is
    'One row per release, also those that are not out: its period, cut-off date and status, and whether it is the newest that is '
    'published, which marts_current shows.';
comment on column marts.releases.release_id is 'The period and the revision, such as 2026-T2.1.';
comment on column marts.releases.period is 'The tertial, such as 2026-T2.';
comment on column marts.releases.revision is 'Which release of the period it is, from 1.';
comment on column marts.releases.as_of is 'The cut-off date: the last day of the period.';
comment on column marts.releases.status is 'building, published, failed, superseded, recalled or erased.';
comment on column marts.releases.published_at is 'When it came out; empty while it never has.';
comment on column marts.releases.is_newest is 'Whether it is the newest that is published: the one in marts_current.';

create table if not exists meta.release_models (
    release_id text not null,
    schema_name text not null,
    name text not null,
    sha256 text not null,
    primary key (release_id, schema_name, name)
);
comment on table meta.release_models is
    'One row per model and seed that a release was built with; its SQL stands in meta.model_sql.';

create table if not exists meta.model_sql (sha256 text primary key, sql text not null);
comment on table meta.model_sql is
    'One row per text of a compiled model, with {places} for the release, the cut-off date and the deliveries.';

create table if not exists meta.corrections (
    event_id bigint generated always as identity primary key,
    case_id text not null,
    event text not null check (event in ('opened', 'upheld', 'rejected')),
    kind text not null check (kind in ('fact', 'link', 'identity')),
    agency text not null,
    extract text not null,
    source_row_id text not null,
    other_source text,
    other_source_record_id text,
    decision_id bigint,
    disputed_by text not null,
    disputed_since date not null,
    reason text not null,
    author text not null,
    recorded_at timestamptz not null default now()
);
alter table meta.corrections
    add column if not exists person_source text,
    add column if not exists person_source_record_id text,
    add column if not exists is_own_row boolean;
comment on table meta.corrections is
    'One row per event of a correction case: opened, upheld or rejected; never changed. A fact names a record of the person '
    'whose dispute it is; a link or identity the verdict (linkage.link_decisions) that acts on it, one row for each.';

create table if not exists meta.suppressed_rows (
    release_id text not null,
    agency text not null,
    extract text not null,
    source_row_id text not null,
    primary key (release_id, agency, extract, source_row_id)
);
alter table meta.suppressed_rows
    add column if not exists person_source text not null default '',
    add column if not exists person_source_record_id text not null default '',
    add column if not exists is_own_row boolean not null default true,
    add column if not exists is_open boolean not null default true,
    add column if not exists case_id text not null default '',
    add column if not exists disputed_since date;
alter table meta.suppressed_rows drop constraint if exists suppressed_rows_pkey;
create unique index if not exists suppressed_rows_once on meta.suppressed_rows
    (release_id, agency, extract, source_row_id, person_source, person_source_record_id, case_id);
comment on table meta.suppressed_rows is
    'One row per delivered row and person for whom a release leaves it out, because the person disputes it (meta.corrections). '
    'A row of that person alone (is_own_row) is left out of the state.';

create table if not exists meta.release_holds (
    release_id text not null references meta.releases,
    limit_code text not null,
    reason text not null,
    held_at timestamptz not null default now(),
    primary key (release_id, limit_code, reason)
);
alter table meta.release_holds add column if not exists reason_nb text;
comment on table meta.release_holds is
    'One row per plausibility limit that a release passed: it stays `building` until a person lets it go.';

create table if not exists meta.release_approvals (
    release_id text not null references meta.releases,
    fingerprint text not null,
    by_name text not null,
    reason text not null,
    approved_at timestamptz not null default now(),
    primary key (release_id, fingerprint)
);
comment on table meta.release_approvals is
    'One row per held release that a person let go, for the very inputs that it was made from.';

create table if not exists meta.release_recalls (
    release_id text not null references meta.releases,
    by_name text not null,
    reason text not null,
    recalled_at timestamptz not null default now()
);
comment on table meta.release_recalls is 'One row per recall of a release: by whom, and why.';

create table if not exists meta.erasures (
    erasure_id bigint generated always as identity primary key,
    person_id text not null,
    releases text[] not null,
    rows_erased bigint not null,
    by_name text not null,
    reason text not null,
    erased_at timestamptz not null default now()
);
comment on table meta.erasures is
    'One row per person whose data were erased: by whom, why, how many delivered rows, and which releases went.';

create table if not exists meta.release_failures (
    release_id text not null references meta.releases,
    failed_at timestamptz not null default now(),
    stage text not null,
    reason text not null,
    issues jsonb not null
);
comment on table meta.release_failures is
    'One row per failure of a release on its way: the stage, why, and what was refused or set aside of its inputs.';

create table if not exists meta.sent_releases (
    release_id text not null references meta.releases,
    centre_id text not null,
    content_sha256 text not null,
    recipients_sha256 text not null,
    manifest_sha256 text not null,
    sent_at timestamptz not null default now(),
    notified_at timestamptz,
    receipt_at timestamptz,
    verified_date date,
    primary key (release_id, centre_id)
);
comment on table meta.sent_releases is
    'One row per release and centre: what was put into its outbox, when, and when its receipt came.';

create table if not exists meta.sent_statements (
    centre_id text not null,
    name text not null,
    sha256 text not null,
    sent_at timestamptz not null default now(),
    primary key (centre_id, name)
);
comment on table meta.sent_statements is
    'One row per signed statement (recall, supersession, succession) put into a centre''s outbox.';

create table if not exists meta.workbench (release_id text not null);
comment on table meta.workbench is
    'One row: the release that the tables between staging and marts are of just now.';

create or replace function meta.is_date(value text, format text) returns boolean
    language sql immutable parallel safe as $$
    select case
        when format = 'DD.MM.YYYY' then value ~ '^[0-9]{2}\.[0-9]{2}\.[0-9]{4}$'
            and pg_input_is_valid(substr(value, 7, 4) || '-' || substr(value, 4, 2) || '-' || substr(value, 1, 2), 'date')
        else value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' and pg_input_is_valid(value, 'date')
    end
$$;
create or replace function meta.to_date(value text, format text) returns date
    language sql immutable parallel safe as $$
    select case
        when not coalesce(meta.is_date(value, format), false) then null
        when format = 'DD.MM.YYYY'
            then (substr(value, 7, 4) || '-' || substr(value, 4, 2) || '-' || substr(value, 1, 2))::date
        else value::date
    end
$$;

create table if not exists linkage.person_ids (person_id text primary key);
comment on table linkage.person_ids is 'Every person id that a published release has ever given out.';

create table if not exists landing.protection_statements (
    delivery_id text not null,
    agency text not null,
    extract text not null,
    record_id text not null,
    is_keyless boolean not null,
    grade text,
    identifier text,
    previous_identifier text,
    street_address text,
    postcode text
);
create index if not exists protection_statements_delivery on landing.protection_statements (delivery_id);
create index if not exists protection_statements_record on landing.protection_statements (record_id);
comment on table landing.protection_statements is
    'One row per delivery, person record and address that a delivery said is protected, or that it lifted (ugradert). '
    'Without a grade it says where somebody lives whose last known grade holds. Beside what was delivered, as sensitive.';

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

-- An address but for what clerks differ in: capitals, spaces, signs, Norwegian letters, common abbreviations, the letter of
-- a house and the number of a flat.
create or replace function meta.address_key(value text) returns text
    language sql immutable parallel safe as $$
    select regexp_replace(regexp_replace(replace(replace(replace(
        regexp_replace(regexp_replace(regexp_replace(
            regexp_replace(
                translate(lower(normalize(value, nfkc) collate "pg_c_utf8"), 'æäåáàâøöóòôéèêëüú', 'aaaaaaoooooeeeeuu'),
                '\m([hulk] ?[0-9]{4}|(leilighet|leil|bolig|app)[. ]*(nr[. ]*)?[0-9]+)\M', ' ', 'g'
            ),
            '(veien|vegen|veg|vei|vn|vg)(?=[^a-z]|$)', 'v', 'g'),
            '(gaten|gata|gate|gt)(?=[^a-z]|$)', 'g', 'g'),
            '(plassen|plass)(?=[^a-z]|$)', 'pl', 'g'),
        'aa', 'a'), 'ae', 'a'), 'oe', 'o'),
        '[^a-z0-9]+', '', 'g'),
        '([0-9])[a-z]$', '\1')
$$;

-- What an address may be known by: as a whole, and each part between commas that has a number.
create or replace function meta.address_keys(value text) returns setof text
    language sql immutable parallel safe as $$
    select distinct key from (
        select meta.address_key(part) as key, place
        from unnest(array[value] || regexp_split_to_array(value, '[,;\n]')) with ordinality as parts (part, place)
    ) as keys
    where key <> '' and (place = 1 or key ~ '[a-z].*[0-9]')
$$;

-- Digests, since equality is all that is asked and few may read the address. One without a postcode counts everywhere.
create or replace function meta.protected_address_digests(street_address text, postcode text) returns setof bytea
    language sql immutable parallel safe rows 4 as $$
    select sha256(convert_to(key || ' ' || place, 'UTF8'))
    from meta.address_keys(street_address) as key
    cross join unnest(array['anywhere', coalesce(nullif(btrim(postcode), ''), 'everywhere')]) as place
$$;
create or replace function meta.borne_address_digests(street_address text, postcode text) returns setof bytea
    language sql immutable parallel safe rows 4 as $$
    select sha256(convert_to(key || ' ' || place, 'UTF8'))
    from meta.address_keys(street_address) as key
    cross join unnest(array['everywhere', coalesce(nullif(btrim(postcode), ''), 'anywhere')]) as place
$$;

-- Free text in which every person number of any series is eleven stars: eleven digits in a row whose control digits fit, written
-- together or with spaces and signs where such numbers are parted (120380 01505, 12.03.80-01505, 120380 015 05).
create or replace function meta.mask_person_numbers(value text) returns text
    language plpgsql immutable parallel safe as $$
declare
    signs text[] := string_to_array(value, null);
    places integer[];
    digits bytea;
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
                is_written_so := gap <= 3 and (i in (2, 4, 6) or i = 9 and is_apart)
                    and array_to_string(signs[places[at + i - 1] + 1:places[at + i] - 1], '') !~ '[[:alpha:]]';
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
    select case when value ~ '([0-9０-９][^[:alpha:]]*){11}' then meta.mask_person_numbers(value) else value end
$$;
