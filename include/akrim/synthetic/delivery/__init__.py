"""The deliveries that agencies would make from the synthetic world, valid and invalid."""
