"""What each agency of the synthetic world does and finds: inspections, police cases, tax controls, benefits."""
