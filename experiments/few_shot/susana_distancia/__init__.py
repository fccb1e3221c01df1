"""SuSana Distancia: the Proto-Triplet loss and the ICNN loss, which ask an embedding for separate classes."""
