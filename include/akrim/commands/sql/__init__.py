"""`akrim sql`: a prompt or one query, its answer on the screen or in a file, and the address for other programs."""
