"""Troisemaine et al. 2024: novel class discovery in tabular data, without knowledge of novel classes."""
