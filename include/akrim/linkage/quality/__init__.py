"""How good the linkage is: estimates, drift, held-out numbers, and the model card."""
