-- While a case is open, what the person disputes is missing from the rules that could have used it: where they find
-- nothing in all else, that is no finding. Employments bear on many at once and cannot be left out for one person, so
-- that what rests on them is not checked once the person was found to be right, either.
with rules (indicator_code, indicator_version, dimension, area, agencies, extracts, event) as (
    values {{ rule_rows() }}
),

touched as (
    select
        disputed.person_id,
        rules.indicator_code,
        bool_or(disputed.extract = 'arbeidsforhold') as is_beyond_reach,
        string_agg(distinct coalesce(names.nb, disputed.agency), ', ') as agencies_nb,
        string_agg(distinct coalesce(names.en, disputed.agency), ', ') as agencies_en
    from {{ ref('disputed_facts') }} as disputed
    inner join rules on disputed.agency || '/' || disputed.extract = any(rules.extracts)
    left join {{ agencies_within() }} as names on disputed.agency = names.code
    where disputed.is_open or disputed.extract = 'arbeidsforhold'
    group by disputed.person_id, rules.indicator_code
)

select * from touched
