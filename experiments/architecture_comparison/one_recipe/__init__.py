"""Patch scaling: accuracy against patch size, down to single pixels; the track's own steps run it."""
