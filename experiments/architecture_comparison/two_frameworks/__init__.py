"""Torch and Flax under one recipe: the same weights, the same batches, the same steps."""
