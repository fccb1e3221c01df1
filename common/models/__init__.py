"""Backbones that two papers or more use, and the registry that finds them by name."""
