"""Measures that two papers or more report, from plain arrays and numbers; each cites where it is defined."""
