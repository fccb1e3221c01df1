"""The methods of the paper, as its figures name and order them."""

from __future__ import annotations

# Method -> label and the step of its records.
METHODS = {
    "k_means": ("k-means", "untuned"),
    "spectral_clustering": ("spectral clustering", "untuned"),
    "ncd_k_means": ("NCD k-means", "untuned"),
    "ncd_spectral_clustering": ("NCD spectral clustering", "discovery"),
    "tabular_ncd": ("TabularNCD", "discovery"),
    "baseline": ("baseline", "discovery"),
    "pbn": ("PBN", "discovery"),
}
DATA_SETS = {
    "digits": "Digits",
    "optdigits": "Optdigits",
    "letter_recognition": "Letter",
    "pendigits": "Pendigits",
}
