"""Training of a linkage model on records without labels."""
