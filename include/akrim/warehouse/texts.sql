-- What texts of agencies mean: days, addresses in each way of writing, and person numbers within other texts.

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
