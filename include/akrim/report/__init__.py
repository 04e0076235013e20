"""The assessment that a centre reads: what is in it, in which words."""
