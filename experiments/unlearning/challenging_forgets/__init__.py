"""Challenging Forgets: forget sets that are the hardest to erase."""
