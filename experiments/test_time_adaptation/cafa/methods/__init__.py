"""CAFA and its ablations as a method."""
