"""MambaOut: the gated block of Mamba without its state space, and with other token mixers in its place."""
