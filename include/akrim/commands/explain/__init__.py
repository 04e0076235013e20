"""`akrim explain`: why records are one person, and what the rules found."""
