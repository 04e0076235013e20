"""Standardised person records: text, names, addresses, and units of records with one number."""
