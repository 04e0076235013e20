select
    {{ release_id() }} as release_id,
    agency,
    extract,
    state,
    as_of as newest_fact_date,
    days_old,
    rows,
    rows_usual,
    is_stale,
    is_confirmed,
    unavailable_because
from {{ ref('agency_extracts') }}
