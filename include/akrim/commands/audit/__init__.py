"""`akrim audit`, and the options by which other commands log that somebody looked."""
