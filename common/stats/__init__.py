"""Intervals and tests on a handful of seeds, each refusing to be surer than its sample allows."""
