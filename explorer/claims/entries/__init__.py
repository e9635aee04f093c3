"""What is claimed, as data: one file for each group of claims."""
