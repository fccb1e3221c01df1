"""Networks in Flax NNX, for papers whose experiments are written in JAX."""
