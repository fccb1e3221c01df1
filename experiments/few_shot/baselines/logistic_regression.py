"""Multinomial logistic regression, the base learner of RFS: its unique optimum, for all episodes at once.

Tian, Wang, Krishnan, Tenenbaum, Isola: Rethinking Few-Shot Image Classification, 2020, arXiv 2003.11539; the
official code fits `sklearn.linear_model.LogisticRegression(C=1.0, solver="lbfgs")` to each task, that is,
minimises ½ ‖W‖² + C Σ_i CE(W x_i + b, y_i) with a free b.
"""

from __future__ import annotations

from torch import Tensor

from experiments.few_shot.multinomial import fit


def classify(support: Tensor, labels: Tensor, queries: Tensor) -> Tensor:
    """Logits `[episodes, questions, ways]`; arguments as in `nearest_class_mean.classify`."""
    return fit(support, labels, strength=1.0).logits(queries)
