"""What trains the embedding: the paper's loss and those that it is compared with, a file each."""
