"""The common corruptions of Hendrycks & Dietterich at the strengths of CIFAR-10-C, over whole batches.

Dan Hendrycks, Thomas Dietterich: Benchmarking Neural Network Robustness to Common Corruptions and
Perturbations, 2019, arXiv:1903.12261. Importing this package imports no numpy.
"""

from common.data.corruptions.names import ALL_CORRUPTIONS, CORRUPTIONS, DEVELOPMENT_CORRUPTIONS, SEVERITIES

__all__ = ["ALL_CORRUPTIONS", "CORRUPTIONS", "DEVELOPMENT_CORRUPTIONS", "SEVERITIES"]
