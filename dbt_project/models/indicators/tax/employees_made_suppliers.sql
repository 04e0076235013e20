with {{ work_bought() }},

owners as (
    select
        orgnr as supplier_orgnr,
        role_id,
        person_id as owner_id,
        valid_from as started_date,
        is_strict
    from {{ ref('person_roles') }}
    where role_code = 'INNH' and person_id is not null
),

jobs as (
    select
        links.person_id as owner_id,
        employments.employment_id,
        employments.orgnr,
        employments.valid_from,
        coalesce(employments.valid_to, {{ as_of() }}) as valid_to,
        links.is_strict
    from {{ ref('employments') }} as employments
    inner join {{ ref('person_links') }} as links
        on links.source = 'skatteetaten' and employments.source_record_id = links.source_record_id
),

-- Who worked for an enterprise of the same leader's, at most so many days before he began for himself.
of_former_employees as (
    select distinct
        bought.person_id,
        bought.purchase_id,
        bought.purchase_year,
        bought.orgnr,
        bought.role_id,
        bought.supplier_orgnr,
        owners.role_id as owner_role_id,
        jobs.employment_id,
        bought.is_strict and owners.is_strict and jobs.is_strict and leaderships.is_strict as is_strict
    from bought
    inner join owners on bought.supplier_orgnr = owners.supplier_orgnr and bought.person_id <> owners.owner_id
    inner join jobs on owners.owner_id = jobs.owner_id
    inner join leaderships on bought.person_id = leaderships.person_id and jobs.orgnr = leaderships.orgnr
    where jobs.valid_from < owners.started_date
        and jobs.valid_to >= owners.started_date - {{ quantity('former_employee') }}
        and leaderships.valid_from <= jobs.valid_to
        and coalesce(leaderships.valid_to > jobs.valid_from, true)
        and {{ undisputed('bought', "'brreg'", "'roller'", 'owners.role_id') }}
),

years as (
    {{ years_with_suppliers('of_former_employees', 'employees_made_suppliers') }}
),

evidence as (
    {{ purchase_evidence(
        'of_former_employees', more=[('brreg', 'roller', 'owner_role_id'), ('skatteetaten', 'arbeidsforhold', 'employment_id')]
    ) }}
),

-- Which of them were employed rests on a link each.
{{ observations(
    'employees_made_suppliers',
    value="max(case when rows_counted like '%strict' then strict_supplier_count else supplier_count end)", event="orgnr || ' ' || purchase_year", by_role=true
) }}
