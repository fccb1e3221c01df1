"""DHVT: convolutions in a vision transformer's embedding and feed-forward, and tokens that heads share."""
