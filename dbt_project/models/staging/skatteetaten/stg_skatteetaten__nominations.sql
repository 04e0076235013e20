{{ nominated('skatteetaten', 'part_id', iso_date) }}
