"""The population attack of the unlearning papers: one classifier for all examples, on one confidence each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from common.metrics.membership.arrays import HANDFUL, Values, finite_values
from common.stats.samples import has_spread
from common.strict import BadInputError


def membership_efficacy(
    members: ArrayLike,
    non_members: ArrayLike,
    forget_set: ArrayLike,
    generator: np.random.Generator,
    per_class: int,
) -> float:
    """MIA efficacy: the percentage of the forget set that the attack calls non-members.

    Fan et al., "Challenging Forgets", ECCV 2024 (arXiv 2403.07362), official code: a support vector
    classifier with C = 3 and the kernel exp(-|x - x'|²), fitted on the softmax probability of the true
    class of retained examples (members) and test examples. Each argument is one row of such confidences
    of the network attacked. `generator` draws `per_class` of either kind; deviation: the official code
    takes the first 10,000 retained examples in the order of the data set, and all test examples.

    The time grows with the square of `per_class`: half a second at 1,000, ten seconds at 10,000.
    Raises BadInputError for confidences outside [0, 1], NaN or all alike, an empty forget set, `per_class`
    below 5, or fewer members or non-members than `per_class`.
    """
    if per_class < HANDFUL:
        raise BadInputError(
            f"per_class is {per_class}, but the attack is fitted on at least {HANDFUL} of a kind."
        )
    asked = _confidences(forget_set, "the forget set")
    if asked.size == 0:
        raise BadInputError("The forget set is empty, so there is nothing to attack.")
    drawn = [
        _drawn(_confidences(values, name), name, per_class, generator)
        for values, name in ((members, "the members"), (non_members, "the non-members"))
    ]
    return 100.0 * float(np.mean(_is_non_member(_fitted_attack(*drawn), asked)))


def _fitted_attack(members: Values, non_members: Values) -> Any:
    from sklearn.svm import SVC

    features = np.concatenate([members, non_members])
    if not has_spread(features):
        raise BadInputError(
            f"The confidences of members and non-members are all {features[0]:.6g}, so rounding would decide "
            f"the attack; look whether the network behind them diverged."
        )
    is_member = np.repeat([1, 0], [members.size, non_members.size])
    return SVC(C=3, gamma="auto", kernel="rbf").fit(features[:, np.newaxis], is_member)


def _is_non_member(attack: Any, confidences: Values) -> Values:
    # A prediction sums over thousands of support vectors, and confidences saturate at the same 1.0.
    distinct, places = np.unique(confidences, return_inverse=True)
    called: Values = 1.0 - attack.predict(distinct[:, np.newaxis])[places]
    return called


def _drawn(confidences: Values, name: str, per_class: int, generator: np.random.Generator) -> Values:
    if confidences.size < per_class:
        raise BadInputError(
            f"{confidences.size} confidences of {name} can't give per_class = {per_class}; lower per_class "
            f"(to {HANDFUL} at least) or give more."
        )
    return generator.choice(confidences, per_class, replace=False)


def _confidences(values: ArrayLike, name: str) -> Values:
    checked = finite_values(values, f"The confidences of {name}")
    if ((checked < 0) | (checked > 1)).any():
        raise BadInputError(f"The confidences of {name} lie outside [0, 1]; give probabilities, not logits.")
    return checked
