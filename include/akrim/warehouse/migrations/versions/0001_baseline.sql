-- The tables as they were when migrations began.

-- A warehouse of an earlier program may lack columns that came later.
alter table if exists meta.releases add column if not exists serial integer;
alter table if exists meta.releases add column if not exists previous_release_id text references meta.releases;
alter table if exists meta.releases add column if not exists last_period_release_id text references meta.releases;
alter table if exists meta.releases add column if not exists is_explained boolean not null default false;
alter table if exists meta.corrections
    add column if not exists person_source text,
    add column if not exists person_source_record_id text,
    add column if not exists is_own_row boolean;
alter table if exists meta.suppressed_rows
    add column if not exists person_source text not null default '',
    add column if not exists person_source_record_id text not null default '',
    add column if not exists is_own_row boolean not null default true,
    add column if not exists is_open boolean not null default true,
    add column if not exists case_id text not null default '',
    add column if not exists disputed_since date;
alter table if exists meta.suppressed_rows drop constraint if exists suppressed_rows_pkey;
alter table if exists meta.release_holds add column if not exists reason_nb text;
alter table if exists linkage.runs add column if not exists last_decision_id bigint not null default 0;
alter table if exists linkage.runs add column if not exists token uuid not null default gen_random_uuid();
alter table if exists linkage.memberships add column if not exists same_number_as text;
alter table if exists linkage.memberships add column if not exists has_borrowed_number boolean not null default false;
alter table if exists linkage.link_decisions add column if not exists reading text not null default 'first'
    check (reading in ('first', 'second'));
alter table if exists linkage.link_decisions add column if not exists sample_id bigint;
alter table if exists linkage.link_decisions add column if not exists match_weight double precision;
alter table if exists linkage.findings add column if not exists verdict text;
alter table if exists linkage.findings add column if not exists verdict_weight double precision;
alter table if exists marts.release_changes
    add column if not exists comparison text not null default 'previous',
    add column if not exists previous_release_id text,
    add column if not exists change_number integer not null default 0,
    add column if not exists cause_number integer not null default 0,
    add column if not exists points integer,
    add column if not exists rank_before integer,
    add column if not exists rank_after integer;

create schema if not exists meta;
create schema if not exists landing;
create schema if not exists quarantine;
create schema if not exists state;
create schema if not exists linkage;
create schema if not exists staging;
create schema if not exists intermediate;
create schema if not exists indicators;
create schema if not exists marts;
create schema if not exists marts_current;
create schema if not exists seeds;

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
    serial integer,
    unique (period, revision)
);
comment on table meta.releases is
    'One row per release: what it was made from (pins), its input fingerprint, and where it stands.';

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
    recorded_at timestamptz not null default now(),
    person_source text,
    person_source_record_id text,
    is_own_row boolean
);
comment on table meta.corrections is
    'One row per event of a correction case: opened, upheld or rejected; never changed. A fact names a record of the person '
    'whose dispute it is; a link or identity the verdict (linkage.link_decisions) that acts on it, one row for each.';

create table if not exists meta.suppressed_rows (
    release_id text not null,
    agency text not null,
    extract text not null,
    source_row_id text not null,
    person_source text not null default '',
    person_source_record_id text not null default '',
    is_own_row boolean not null default true,
    is_open boolean not null default true,
    case_id text not null default '',
    disputed_since date
);
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
    reason_nb text,
    primary key (release_id, limit_code, reason)
);
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

create table if not exists linkage.runs (
    run_number bigint generated always as identity primary key,
    release_id text not null unique,
    base_release_id text,
    model text not null,
    counts jsonb not null,
    last_decision_id bigint not null default 0,
    token uuid not null default gen_random_uuid()
);
comment on column linkage.runs.token is 'Names this run alone, so that what it kept beside the database is taken for no other''s.';
comment on table linkage.runs is 'One row per release whose persons were linked, in order; counts only.';

create table if not exists linkage.memberships (
    source text not null,
    extract text not null,
    source_record_id text not null,
    content_digest text not null,
    person_id text not null,
    link_kind text not null check (link_kind in ('identifier', 'probabilistic', 'reviewed', 'single')),
    match_weight double precision,
    valid_from_release text not null,
    valid_to_release text,
    same_number_as text,
    has_borrowed_number boolean not null default false
);
create unique index if not exists memberships_standing
    on linkage.memberships (source, source_record_id) where valid_to_release is null;
create index if not exists memberships_by_person on linkage.memberships (person_id) where valid_to_release is null;
create index if not exists memberships_ever_of_person on linkage.memberships (person_id);
create index if not exists memberships_opened on linkage.memberships (valid_from_release);
create index if not exists memberships_closed
    on linkage.memberships (valid_to_release) where valid_to_release is not null;
comment on column linkage.memberships.same_number_as is
    'For a record joined by its valid person number: the first record of all that bear it; never the number itself.';
comment on column linkage.memberships.has_borrowed_number is
    'Whether its valid person number was taken as somebody else''s: name and birth date fit neither it nor its bearers.';
comment on table linkage.memberships is
    'One row per person record and the releases for which it belonged to that person, the last one exclusive.';

create table if not exists linkage.persons (
    person_id text primary key,
    release_id text not null,
    first_record_key text not null
);
comment on table linkage.persons is 'One row per person id ever given, with the release that gave it.';

create table if not exists linkage.person_id_history (
    old_person_id text not null,
    person_id text not null,
    release_id text not null,
    change text not null check (change in ('merged', 'split')),
    primary key (old_person_id, person_id, release_id)
);
create index if not exists person_id_history_by_release on linkage.person_id_history (release_id);
comment on table linkage.person_id_history is
    'One row per person id and the person that took over all of it (merged, the old id is then spent) or part (split).';

create table if not exists linkage.link_decisions (
    decision_id bigint generated always as identity primary key,
    source_l text not null,
    source_record_id_l text not null,
    source_r text not null,
    source_record_id_r text not null,
    verdict text not null check (verdict in ('same', 'different', 'unsure')),
    reason text not null,
    author text not null,
    decided_at timestamptz not null default now(),
    reading text not null default 'first' check (reading in ('first', 'second')),
    sample_id bigint,
    match_weight double precision,
    check ((source_l, source_record_id_l) < (source_r, source_record_id_r))
);
comment on table linkage.link_decisions is
    'One row per verdict of a clerk on two person records; never changed, a later first reading of the same two wins.';
comment on column linkage.link_decisions.reading is
    'first: the verdict that linkage honours; second: a blind second reading, which is held against it.';
comment on column linkage.link_decisions.sample_id is 'The drawn sample that the verdict answers, if any.';
comment on column linkage.link_decisions.match_weight is
    'What the pair weighed when the verdict was given; a large change later puts it back into the queue.';

create table if not exists linkage.findings (
    source_l text not null,
    source_record_id_l text not null,
    source_r text not null,
    source_record_id_r text not null,
    outcome text not null,
    guard text,
    match_weight double precision,
    threshold double precision not null,
    steps jsonb not null,
    valid_from_release text not null,
    valid_to_release text,
    verdict text,
    verdict_weight double precision
);
create index if not exists findings_standing_l
    on linkage.findings (source_l, source_record_id_l) where valid_to_release is null;
create index if not exists findings_standing_r
    on linkage.findings (source_r, source_record_id_r) where valid_to_release is null;
create index if not exists findings_opened on linkage.findings (valid_from_release);
create index if not exists findings_closed on linkage.findings (valid_to_release) where valid_to_release is not null;
comment on table linkage.findings is
    'One row per pair of descriptions that was compared and could be one person, told by one record of each: how it '
    'ended, and what each comparison weighed.';

create table if not exists linkage.review_samples (
    sample_id bigint generated always as identity primary key,
    release_id text not null,
    seed text not null,
    size integer not null,
    drawn_at timestamptz not null default now(),
    unique (release_id, seed, size)
);
comment on table linkage.review_samples is
    'One row per sample of records that was drawn for clerks to read, from the persons of one release.';

create table if not exists linkage.review_sample_records (
    sample_id bigint not null references linkage.review_samples,
    anchor_source text not null,
    anchor_source_record_id text not null,
    source text not null,
    source_record_id text not null,
    person_id text not null,
    person_records integer not null,
    stands_for integer not null,
    number_kind text,
    name_band text,
    primary key (sample_id, anchor_source, anchor_source_record_id, source, source_record_id)
);
comment on table linkage.review_sample_records is
    'One row per drawn record (the anchor) and record to read against it: all that its person is said to be, and the '
    'nearest misses; the person as it was when drawn, and how many records say the same as this one.';

create table if not exists linkage.quality (
    release_id text not null,
    measure text not null,
    subgroup text not null,
    estimate double precision,
    low double precision,
    high double precision,
    support bigint not null,
    note text not null,
    primary key (release_id, measure, subgroup)
);
comment on table linkage.quality is
    'One row per release, measure and subgroup of records: how right the linkage is, as a share with its 95 % interval.';

create table if not exists linkage.drift (
    release_id text not null,
    measure text not null,
    item text not null,
    expected double precision,
    actual double precision,
    drift double precision,
    note text not null,
    primary key (release_id, measure, item)
);
comment on table linkage.drift is
    'One row per release, measure and bin or blocking rule: what the model saw in its training (expected) and what this '
    'release shows (actual); drift is the stability index of a whole distribution, or log2 of actual over expected; '
    'a measure ending in _since_base is held against the base release instead.';

create table if not exists linkage.full_checks (
    checked_at timestamptz not null default now(),
    release_id text not null,
    records bigint not null,
    differing_records bigint not null
);
comment on table linkage.full_checks is
    'One row per check of a release: how many of its records a full relink would place otherwise; it must be none.';

create table if not exists marts.release_changes (
    release_id text not null, centre_id text not null, person_id text not null, change text not null,
    cause text not null, detail jsonb not null,
    comparison text not null default 'previous',
    previous_release_id text,
    change_number integer not null default 0,
    cause_number integer not null default 0,
    points integer,
    rank_before integer,
    rank_after integer
);
create index if not exists release_changes_by_release on marts.release_changes (release_id, centre_id);
