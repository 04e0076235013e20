-- A delivery tells what was decided until it was made; what came after the cut-off date belongs to the next assessment.
select * from {{ ref('stg_arbeidstilsynet__reactions') }}
where decided_date <= {{ as_of() }}
