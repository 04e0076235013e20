-- What is laid on the marts once they are built: their keys and references, and the words of names by which persons are found.

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
