"""How hard each training example is, by the scores of the literature, and how a forget set stands in them."""
