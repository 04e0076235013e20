"""What the rules would do if they were others, and what became of those they pointed at."""
