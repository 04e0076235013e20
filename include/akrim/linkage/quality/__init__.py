"""How good the linkage is: estimates, drift, held-out records, review samples, and the model card."""
