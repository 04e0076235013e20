"""What linkage keeps in the warehouse: memberships, findings, lasting person ids."""
