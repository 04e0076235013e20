with delivered as (
    select
        *,
        {{ clean_text('navn') }} as full_name
    from {{ state('nav', 'personer') }}
),

-- 'ETTERNAVN, FORNAVN MELLOMNAVN'; without a comma the first word is taken as the family name.
split as (
    select
        *,
        case when full_name like '%,%' then split_part(full_name, ',', 1) else split_part(full_name, ' ', 1) end
            as family_part,
        case
            when full_name like '%,%' then substr(full_name, strpos(full_name, ',') + 1)
            else substr(full_name, strpos(full_name || ' ', ' ') + 1)
        end as given_part
    from delivered
),

renamed as (
    select
        'nav'::text as source,
        'personer'::text as extract,
        nav_id as source_record_id,
        ident as identifier,
        null::text as previous_identifier,
        {{ title_case("nullif(split_part(btrim(given_part), ' ', 1), '')") }} as given_name,
        {{ title_case("nullif(btrim(substr(btrim(given_part), strpos(btrim(given_part) || ' ', ' '))), '')") }}
            as middle_name,
        {{ title_case("nullif(btrim(family_part), '')") }} as family_name,
        {{ iso_date('fodselsdato') }} as birth_date,
        null::text as street_address,
        {{ open_code('postnummer') }} as postcode,
        null::text as municipality_code,
        null::text as phone
    from split
)

select * from renamed
