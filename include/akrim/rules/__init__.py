"""The published rules: their catalogue, versions and foundations, and what data reach them."""
