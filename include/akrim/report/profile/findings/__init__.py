"""What the rules found about a person: in short, in full with its evidence, by event, and the status that it adds up to."""
