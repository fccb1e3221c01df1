"""Few-shot learners that belong to no single paper of this track."""
