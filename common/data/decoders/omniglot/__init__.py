"""Omniglot in each of the formats that its sources serve."""
