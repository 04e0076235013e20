with made_from as (
    select distinct
        agency,
        category
    from {{ ref('data_origins') }}
    union
    -- These are left out by row, so that no column is made from them.
    select
        agency,
        'nomination'
    from {{ ref('agencies') }}
),

-- What the assessment was made without; and of the rest what each centre is not told.
kept as (
    select
        {{ release_id() }} as release_id,
        withheld.recipient as withheld_from,
        withheld.agency,
        withheld.category,
        withheld.told
    from {{ source('meta', 'withheld') }} as withheld
    inner join made_from on withheld.agency = made_from.agency and withheld.category = made_from.category
    where withheld.release_id = {{ gated() }}
)

select * from kept
