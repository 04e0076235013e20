{#
    The business of a bankrupt enterprise goes on in another. With the same leader, two likenesses tell it, or one beside
    somebody who stands in for him. Without a role there, all of it must have moved before the bankruptcy, when there was no
    estate yet to buy from.
#}
with successions as (
    select * from {{ ref('phoenixes_of_persons') }}
    where {{ is_recent('bankruptcy_date', 'phoenix') }}
),

evidence as (
    select
        person_id,
        'brreg' as agency,
        'roller' as extract,
        role_id as source_row_id,
        bankruptcy_date as event_date,
        orgnr,
        orgnr as bankrupt_orgnr,
        bankruptcy_date,
        is_strict
    from successions
    union all
    select
        person_id,
        'brreg',
        'enheter',
        successor_orgnr,
        started_date,
        successor_orgnr,
        orgnr,
        bankruptcy_date,
        is_strict
    from successions
),

{#- Of the one behind, the rule on leading through others tells it. -#}
{{ observations(
    'phoenix', value='count(distinct event_id)',
    event=collapse_of('bankrupt_orgnr'), by_role=true, enterprise='bankrupt_orgnr',
    held_on='evidence.bankruptcy_date', behind=false
) }}
