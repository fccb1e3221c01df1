"""Networks that several papers of the track compare with, found by their names."""
