"""Open-set recognition by a closed-set classifier: arXiv 2110.06207."""
