"""Learning Semi-supervised Gaussian Mixture Models for Generalized Category Discovery."""
