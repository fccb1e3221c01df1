"""The classifiers by name, as a configuration picks them, apart from the code that imports numpy."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from common.strict import StrictModel

if TYPE_CHECKING:
    from experiments.few_shot.naive_bayes_vs_logistic.rules import Fit

Kind = Literal[
    "naive_bayes",
    "logistic",
    "logistic_optimum",
    "logistic_chosen",
    "nearest_class_mean",
    "class_specific",
    "shrinkage_discriminant",
]


class ClassifierSettings(StrictModel):
    """One classifier.

    Attributes:
        inverse_penalty: C of logistic regression.
        relative_smoothing: of naive Bayes, added to variances, as a share of the largest.
        inverse_penalties: C to choose from by cross-validation in so many folds.
    """

    kind: Kind
    inverse_penalty: float = Field(default=1.0, gt=0)
    relative_smoothing: float = Field(default=0.0, ge=0)
    inverse_penalties: list[float] = [1.0]
    folds: int = Field(default=3, ge=2)

    @property
    def tuned(self) -> str:
        """What is chosen, and on what, in words."""
        chosen = self.kind == "logistic_chosen"
        return f"C by {self.folds}-fold cross-validation on the sample" if chosen else "nothing"

    def fit(self) -> Fit:
        """The function that fits it."""
        from experiments.few_shot.naive_bayes_vs_logistic import baselines, logistic, naive_bayes

        match self.kind:
            case "naive_bayes":
                return partial(naive_bayes.fit_naive_bayes, relative_smoothing=self.relative_smoothing)
            case "logistic":
                return partial(logistic.fit_logistic, inverse_penalty=self.inverse_penalty)
            case "logistic_optimum":
                return partial(logistic.fit_logistic_optimum, inverse_penalty=self.inverse_penalty)
            case "logistic_chosen":
                return partial(
                    logistic.fit_logistic_chosen,
                    inverse_penalties=self.inverse_penalties,
                    folds=self.folds,
                )
            case "nearest_class_mean":
                return naive_bayes.fit_nearest_class_mean
            case "class_specific":
                return baselines.fit_class_specific
            case "shrinkage_discriminant":
                return baselines.fit_shrinkage_discriminant
