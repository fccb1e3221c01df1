"""CIFAR-10 in each of the formats that its sources serve."""
