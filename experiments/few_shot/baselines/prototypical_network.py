"""Prototypical network: an embedding that is trained on tasks, for the classifier of `nearest_class_mean`.

Snell, Swersky, Zemel: Prototypical Networks for Few-shot Learning, 2017, arXiv 1703.05175: the loss is the
cross-entropy of the queries of random tasks of base classes, by minus the squared Euclidean distance to the
prototypes. Deviations: the learning rate falls along a cosine in place of being halved every 2000 episodes,
and tasks have as many ways in training as in the test (as the other episodic learners; the paper trains
with 20 to 30).
"""

from __future__ import annotations

from experiments.few_shot.baselines.nearest_class_mean import classify

__all__ = ["classify"]
