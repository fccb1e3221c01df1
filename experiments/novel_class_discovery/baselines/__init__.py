"""The methods of the track that learn from images, one per file, each after its own paper."""
