with evidence as (
    {{ bankruptcy_evidence() }}
),

{{ observations('bankruptcy', value='count(distinct event_id)', event=collapse_of('orgnr'), by_role=true) }}
