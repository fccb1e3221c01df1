"""Prototypical Networks for Few-shot Learning (arXiv 1703.05175): the table of Omniglot."""
