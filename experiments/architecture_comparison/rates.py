"""The learning rate of a network: the best of the grid on validation images, over the seeds that tried it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

from common.strict import BadInputError, suggest


def chosen_rate(network: str, gathered: Mapping[str, Sequence[Path]]) -> float:
    """The rate with the highest mean accuracy; the lower one of two equals.

    Raises BadInputError where no one tuning step was read, or where it hasn't tried the network.
    """
    if len(gathered) != 1:
        raise BadInputError(
            f"The learning rate of '{network}' is chosen by one tuning step, and {len(gathered)} are read: "
            f"name one under 'gathers', or give a 'learning_rate'."
        )
    ((step, paths),) = gathered.items()
    tried: dict[str, dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for path in paths:
        for trial in json.loads(path.read_text()):
            tried[trial["network"]][trial["learning_rate"]].append(trial["accuracy"])
    if network not in tried:
        raise BadInputError(f"Step '{step}' has not tried the network '{network}'.{suggest(network, tried)}")
    rates = tried[network]
    return max(sorted(rates), key=lambda rate: fmean(rates[rate]))
