"""The architecture that the paper introduces, from which each enhancement can be taken away."""
