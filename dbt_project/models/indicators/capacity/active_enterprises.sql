with evidence as (
    {{ control_evidence() }}
),

{{ observations('active_enterprises', value='round(sum(strength))', through=true) }}
