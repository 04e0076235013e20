"""One person in the report: facts, events, what speaks for and against, what may be done."""
