"""From names in a configuration to networks, and the sentences where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from torch import nn

from common.strict import BadInputError, StrictModel, suggest, validate
from common.training.seeding import seeded_initialisation
from experiments.architecture_comparison.cost import parameter_count
from experiments.architecture_comparison.shapes import ImageShape


def checked(implementation: ModuleType, networks: Mapping[str, dict[str, Any]]) -> dict[str, StrictModel]:
    """Name -> settings, as the architecture's module wants them; raises BadInputError where one is wrong."""
    return {
        name: validate(implementation.Settings, given, f"network '{name}'")
        for name, given in networks.items()
    }


def fresh_network(
    implementation: ModuleType,
    networks: Mapping[str, dict[str, Any]],
    name: str,
    shape: ImageShape,
    seed: int,
    largest_parameters: int | None = None,
) -> nn.Module:
    """The network `name`, initialised by the seed alone.

    Raises BadInputError for an unknown name, and where it has more parameters than the table's budget.
    """
    settings = checked(implementation, networks)
    if name not in settings:
        raise BadInputError(f"There is no network '{name}' under 'networks'.{suggest(name, settings)}")
    with seeded_initialisation(seed):
        network: nn.Module = implementation.build(settings[name], shape)
    parameters = parameter_count(network)
    if largest_parameters is not None and parameters > largest_parameters:
        raise BadInputError(
            f"Network '{name}' has {parameters} parameters, and 'largest_parameters' allows "
            f"{largest_parameters}; make it narrower or shallower, or raise the budget for all."
        )
    return network
