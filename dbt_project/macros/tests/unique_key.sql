{# The columns together identify a row. Marts are looked at for this run's release only. #}
{% test unique_key(model, columns, of_release=false) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    {% if of_release %} where release_id = {{ release_id() }} {% endif %}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
