"""The architecture that the paper introduces, each part of which can be left out."""
