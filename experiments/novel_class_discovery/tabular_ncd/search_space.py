"""The hyperparameters of each method, and drawing them at random.

Which are searched for is the paper's; the ranges are ours, around the released values (which go from 1e-4 to
1e-2 in learning rates, from a fifth to one and a half times the number of features in latents).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.strict import BadInputError

if TYPE_CHECKING:
    import numpy as np

    from experiments.novel_class_discovery.tabular_ncd.settings import Hyperparameters, Kind

NETWORK = ("learning_rate", "dropout", "latent_size")
SEARCHED: dict[Kind, tuple[str, ...]] = {
    "baseline": NETWORK,
    "pbn": (*NETWORK, "classification_weight"),
    "tabular_ncd": (*NETWORK, "neighbours", "top_share", "first_weight", "second_weight"),
    "ncd_spectral_clustering": ("min_dist", "components"),
}


def draw_trials(
    kind: Kind, count: int, features: int, generator: np.random.Generator
) -> list[Hyperparameters]:
    """So many random settings of a method for rows of so many features.

    Raises BadInputError for a method that has no hyperparameters.
    """
    if kind not in SEARCHED:
        raise BadInputError(
            f"'{kind}' has no hyperparameters to search for; name it in a step without a search."
        )
    return [{name: _draw(name, features, generator) for name in SEARCHED[kind]} for _ in range(count)]


def check_complete(kind: Kind, hyperparameters: Hyperparameters) -> None:
    """Raise BadInputError unless exactly the hyperparameters of the method are there."""
    wanted, given = set(SEARCHED.get(kind, ())), set(hyperparameters)
    if wanted != given:
        raise BadInputError(
            f"'{kind}' has the hyperparameters {', '.join(sorted(wanted)) or 'none'}; given are "
            f"{', '.join(sorted(given)) or 'none'}. Correct them in the paper's config.yaml."
        )


def _draw(name: str, features: int, generator: np.random.Generator) -> float:
    match name:
        case "learning_rate":
            return float(10 ** generator.uniform(-4, -2))
        case "dropout":
            return float(generator.uniform(0, 0.6))
        case "latent_size":
            return float(generator.integers(max(2, features // 4), max(3, 3 * features // 2) + 1))
        case "neighbours":
            return float(generator.integers(2, 101))
        case "components":
            return float(generator.integers(2, 65))
    return float(generator.uniform(0.01, 0.99))  # shares, weights and min_dist
