"""akrim: from agencies' deliveries to an explained assessment for each centre."""
