{# The columns together identify a row; none but the optional is empty. Of a mart this run's release is looked at. #}
{% test unique_key(model, columns, of_release=false, optional=[]) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    where {{ "release_id = " ~ release_id() if of_release else "true" }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
        {% for column in columns if column not in optional %}
            or {{ column }} is null
        {% endfor %}
{% endtest %}
