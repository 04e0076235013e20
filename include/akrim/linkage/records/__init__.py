"""Person records made comparable: text, names, addresses, and what one record is."""
