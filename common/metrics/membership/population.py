"""The population attack of the unlearning papers: one classifier for all examples, on one confidence each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from common.metrics.membership.arrays import HANDFUL, Values, finite_values
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
    Where no confidence differs from another, every example is called a member.

    The time grows with the square of `per_class`: half a second at 1,000, ten seconds at 10,000.
    Raises BadInputError for confidences outside [0, 1] or NaN, an empty forget set, `per_class` below 5,
    or fewer members or non-members than `per_class`.
    """
    if per_class < HANDFUL:
        raise BadInputError(
            f"per_class is {per_class}, but the attack is fitted on {HANDFUL} or more of a class."
        )
    asked = _confidences(forget_set, "the forget set", fewest=1)
    attack = _fitted_attack(
        generator.choice(_confidences(members, "the members", per_class), per_class, replace=False),
        generator.choice(_confidences(non_members, "the non-members", per_class), per_class, replace=False),
    )
    return 100.0 * float(np.mean(_is_non_member(attack, asked)))


def _fitted_attack(members: Values, non_members: Values) -> Any:
    from sklearn.svm import SVC

    features = np.concatenate([members, non_members])[:, np.newaxis]
    is_member = np.repeat([1, 0], [members.size, non_members.size])
    return SVC(C=3, gamma="auto", kernel="rbf").fit(features, is_member)


def _is_non_member(attack: Any, confidences: Values) -> Values:
    # A prediction sums over thousands of support vectors, and confidences saturate at the same 1.0.
    distinct, places = np.unique(confidences, return_inverse=True)
    called: Values = 1.0 - attack.predict(distinct[:, np.newaxis])[places]
    return called


def _confidences(values: ArrayLike, name: str, fewest: int) -> Values:
    checked = finite_values(values, f"The confidences of {name}")
    if checked.size < fewest:
        raise BadInputError(
            f"{checked.size} confidences of {name} given where the attack needs at least {fewest}; "
            f"give more or lower per_class."
            if fewest > 1
            else f"There are no confidences of {name}, so there is nothing to attack."
        )
    if ((checked < 0) | (checked > 1)).any():
        raise BadInputError(f"The confidences of {name} lie outside [0, 1]; give probabilities, not logits.")
    return checked
