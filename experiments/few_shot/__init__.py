"""Few-shot classification: a classifier learns its classes from a handful of labelled examples."""
