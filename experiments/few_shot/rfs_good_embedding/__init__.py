"""Rethinking Few-Shot Image Classification: a good embedding, and a linear classifier for each task."""
