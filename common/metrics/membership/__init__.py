"""Membership inference: how well an attacker tells the examples a network has seen from those it has not."""
