"""The Snakemake rules, and the plain functions that they are made of."""
