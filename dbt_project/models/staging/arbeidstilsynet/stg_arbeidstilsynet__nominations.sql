{{ nominated('arbeidstilsynet', 'observasjon_id', iso_date) }}
