"""Test-time adaptation: a classifier trained on clean images is adapted to shifted ones, without labels."""
