with lists as (
    select
        table_name,
        column_name,
        unnest(string_to_array(code_lists, ' ')) as code_list
    from {{ ref('code_columns') }}
),

named as (
    select
        {{ release_id() }} as release_id,
        lists.table_name,
        lists.column_name,
        labels.code,
        max(labels.text) filter (where labels.language = 'nb') as name_nb,
        max(labels.text) filter (where labels.language = 'en') as name_en
    from lists
    inner join {{ ref('labels') }} as labels on lists.code_list = labels.code_list
    group by lists.table_name, lists.column_name, labels.code
)

select * from named
