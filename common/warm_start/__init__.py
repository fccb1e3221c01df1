"""Jobs that start warm: forked from a process that has imported what earlier jobs needed.

A Python process that imports torch and scikit-learn takes three seconds before it does anything, as long
as many a job of ours, and Snakemake starts a process per job. `python -S -m common.warm_start MODULE …` runs
a module as `python -m MODULE …` does, but asks a server for a fork. The server ends with its Snakemake.
"""
