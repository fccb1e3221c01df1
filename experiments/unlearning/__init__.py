"""Machine unlearning: a trained classifier is made to forget some of its training examples."""
