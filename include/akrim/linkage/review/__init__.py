"""What clerks decide on pairs of records, and why a pair is as it is."""
