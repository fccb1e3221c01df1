"""MNIST and its relatives, which share the idx format."""
