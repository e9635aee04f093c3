"""Claims of textbooks and papers, and what answers them."""
