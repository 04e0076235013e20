{# The columns together identify a row. Marts are looked at for this run's release only. #}
{% test unique_key(model, columns, of_release=false) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    where {{ "release_id = " ~ release_id() if of_release else "true" }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
