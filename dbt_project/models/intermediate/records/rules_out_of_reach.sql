with rules (indicator_code, indicator_version, dimension, area, agencies, extracts) as (
    values {{ rule_rows() }}
),

-- Of an agency that is missing or too old as a whole, no extract is named.
wanting as (
    select
        agency,
        null::text as extract,
        case when is_missing then 'missing' else 'stale' end as reason,
        as_of,
        null::bigint as rows,
        null::bigint as rows_usual
    from {{ ref('agency_deliveries') }}
    where is_missing or is_stale
    union all
    select
        delivered.agency,
        delivered.extract,
        delivered.unavailable_because,
        delivered.as_of,
        delivered.rows,
        delivered.rows_usual
    from {{ ref('agency_extracts') }} as delivered
    inner join {{ ref('agency_deliveries') }} as ages on delivered.agency = ages.agency
    where delivered.unavailable_because is not null and not ages.is_missing and not ages.is_stale
),

told as (
    select
        wanting.agency,
        wanting.extract,
        {{ extract_words('words.nb', 'DD.MM.YYYY', ' ') }} as told_nb,
        {{ extract_words('words.en', 'FMDD Mon YYYY', ',') }} as told_en
    from wanting
    inner join {{ labels_of('extract_state') }} as words on wanting.reason = words.code
),

by_agency as (
    select
        rules.indicator_code,
        told.agency,
        string_agg(told.told_nb, '; ' order by told.extract) as told_nb,
        string_agg(told.told_en, '; ' order by told.extract) as told_en
    from rules
    inner join told
        on told.agency = any(rules.agencies)
            and (told.extract is null or told.agency || '/' || told.extract = any(rules.extracts))
    group by rules.indicator_code, told.agency
),

by_rule as (
    select
        by_agency.indicator_code,
        string_agg(
            coalesce(names.nb, by_agency.agency) || ' (' || by_agency.told_nb || ')', ', ' order by by_agency.agency
        ) as agencies_nb,
        string_agg(
            coalesce(names.en, by_agency.agency) || ' (' || by_agency.told_en || ')', ', ' order by by_agency.agency
        ) as agencies_en
    from by_agency
    left join {{ agencies_within() }} as names on by_agency.agency = names.code
    group by by_agency.indicator_code
)

select * from by_rule
