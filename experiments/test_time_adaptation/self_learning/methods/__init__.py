"""The self-learning losses as methods: one file each."""
