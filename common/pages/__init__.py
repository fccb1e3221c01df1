"""Tables, figures and the static site: what a reader sees, made from records alone."""
