"""The transformers that the paper makes shift-equivariant, with and without its parts."""
