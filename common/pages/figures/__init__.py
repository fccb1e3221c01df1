"""Figures: each is one module of a paper's folder, drawn with one common style."""
