"""Zheng et al. 2023: the examples that naive Bayes and logistic regression need."""
