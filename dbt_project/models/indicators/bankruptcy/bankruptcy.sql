with evidence as (
    {{ bankruptcy_evidence(ref('bankruptcies_led')) }}
),

{{ observations('bankruptcy', value='count(distinct orgnr)', event='orgnr', by_role=true) }}
