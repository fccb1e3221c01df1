"""Deep Learning on a Data Diet (Paul, Ganguli, Dziugaite; NeurIPS 2021; arXiv 2107.07075), in JAX."""
