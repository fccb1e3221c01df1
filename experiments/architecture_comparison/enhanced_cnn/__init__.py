"""The enhanced CNN for CIFAR-10: blocks of two convolutions with batch normalisation and dropout."""
