{{ nominated('politiet', 'person_lopenr', norwegian_date) }}
