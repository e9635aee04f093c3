"""What networks there are: one file a family, and the catalogue of all of them."""
