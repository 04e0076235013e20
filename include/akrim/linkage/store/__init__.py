"""What linkage stores in the warehouse: memberships, findings, lasting person ids."""
