{{ nominated('nav', 'nav_id', iso_date) }}
