"""All full-scale runs in one call, on a machine with a GPU and little else: no Snakemake, DVC or MLflow."""
