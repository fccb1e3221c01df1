"""Benchmarks: our way of computing something beside the usual one, timed in one run."""
