"""Pereira et al. 2021: new classes added to a normalised softmax without a training step."""
