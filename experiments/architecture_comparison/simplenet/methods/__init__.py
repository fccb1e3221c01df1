"""The architecture that the paper introduces, any layer of which can be changed."""
