"""Runs: from a paper's configuration to jobs, and from a job to its records."""
