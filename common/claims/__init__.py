"""Claims of papers, and the verdicts that records reach on them."""
