"""SimpleNet: a plain stack of convolutions, and the rules that it was designed by."""
