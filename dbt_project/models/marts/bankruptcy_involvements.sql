with involvements as (
    select
        {{ release_id() }} as release_id,
        person_id,
        orgnr,
        role_id,
        role_code,
        bankruptcy_date,
        days_before
    from {{ ref('bankruptcies_led') }}
)

select * from involvements
