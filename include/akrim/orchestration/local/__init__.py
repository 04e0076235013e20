"""The same DAGs in this process, one after the other."""
