with enterprises as (
    select
        enterprises.*,
        protected.orgnr is not null as is_address_protected,
        coalesce(protected.is_municipality_hidden, false) as is_municipality_hidden
    from {{ ref('registered_enterprises') }} as enterprises
    left join {{ ref('protected_enterprises') }} as protected on enterprises.orgnr = protected.orgnr
),

located as (
    select
        enterprises.*,
        municipalities.municipality_name,
        case
            when enterprises.municipality_code is not null then coalesce(catchments.centre_id, 'uten_senter')
        end as centre_id
    from enterprises
    left join {{ ref('municipalities') }} as municipalities
        on enterprises.municipality_code = municipalities.municipality_code
    left join ({{ catchments_in_force() }}) as catchments
        on enterprises.municipality_code = catchments.municipality_code
),

shown as (
    select
        {{ release_id() }} as release_id,
        orgnr,
        enterprise_name,
        legal_form_code,
        case when not is_address_protected then street_address end as street_address,
        case when not is_address_protected then postcode end as postcode,
        case when not is_address_protected then city end as city,
        case when not is_municipality_hidden then municipality_code end as municipality_code,
        case when not is_municipality_hidden then municipality_name end as municipality_name,
        case when not is_municipality_hidden then centre_id end as centre_id,
        industry_code,
        industry_name,
        industry_group,
        employee_count,
        founded_date,
        registered_date,
        deleted_date,
        is_bankrupt,
        bankruptcy_date,
        is_winding_up,
        is_compulsory_dissolution,
        is_vat_registered
    from located
)

select * from shown
