"""Unlearning methods that belong to no single paper of this track."""
