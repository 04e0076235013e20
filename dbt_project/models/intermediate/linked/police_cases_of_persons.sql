with involvements as (
    select
        person_links.person_id,
        involvements.case_number,
        case
            when bool_or(involvement_code = 'domfelt') then 'domfelt'
            when bool_or(involvement_code = 'siktet') then 'siktet'
            else 'mistenkt'
        end as involvement_code,
        -- Strict only when the gravest involvement is.
        case
            when bool_or(involvement_code = 'domfelt')
                then bool_or(person_links.is_strict and involvement_code = 'domfelt')
            when bool_or(involvement_code = 'siktet')
                then bool_or(person_links.is_strict and involvement_code = 'siktet')
            else bool_or(person_links.is_strict)
        end as is_strict
    from {{ ref('stg_politiet__involvements') }} as involvements
    inner join {{ ref('person_links') }} as person_links
        on person_links.source = 'politiet'
            and involvements.source_record_id = person_links.source_record_id
    group by person_links.person_id, involvements.case_number
),

cases as (
    select
        involvements.person_id,
        cases.case_number,
        involvements.involvement_code,
        involvements.is_strict,
        cases.offence_category_code,
        coalesce(categories.is_work_related, false) as is_work_related,
        cases.reported_date,
        cases.reporter_code,
        cases.reporter_reference,
        cases.orgnr,
        cases.outcome_code,
        cases.outcome_date,
        coalesce(outcomes.is_conviction, false) and involvements.involvement_code = 'domfelt' as is_conviction,
        coalesce(outcomes.speaks_for_person, false) as speaks_for_person,
        -- What was dropped or ended in acquittal never adds points, nor what somebody else was convicted for.
        not coalesce(
            outcomes.is_dropped
            or outcomes.outcome_code = 'frifinnelse'
            or (outcomes.is_conviction and involvements.involvement_code <> 'domfelt'),
            false
        ) as may_add_points
    from involvements
    inner join {{ ref('stg_politiet__cases') }} as cases on involvements.case_number = cases.case_number
    left join {{ ref('outcome_codes') }} as outcomes on cases.outcome_code = outcomes.outcome_code
    left join {{ ref('offence_categories') }} as categories
        on cases.offence_category_code = categories.offence_category_code
    where {{ undisputed('involvements', "'politiet'", "'saker'", 'cases.case_number') }}
)

select * from cases
