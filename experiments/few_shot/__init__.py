"""Few-shot learning: a classifier of novel classes from a few labelled images of each."""
