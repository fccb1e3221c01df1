"""CAFA: class-aware feature alignment for test-time adaptation (Jung et al. 2023)."""
