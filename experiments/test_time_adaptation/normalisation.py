"""What of a network adapts: the statistics of batch normalisation, and the parameters that learn."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from common.strict import BadInputError
from experiments.test_time_adaptation.protocol import Adapted

_NORMALISATIONS = (_BatchNorm, nn.LayerNorm, nn.GroupNorm)


def use_batch_statistics(network: nn.Module) -> None:
    """Let batch normalisation use each batch's own mean and variance, in training and in evaluation.

    Nado et al. 2020 (arXiv 2006.10963); Schneider et al. 2020 (arXiv 2006.16971) with N = 0. The source
    statistics are dropped, and everything else (dropout, stochastic depth) stays in evaluation mode.
    """
    network.eval()
    for module in network.modules():
        if isinstance(module, _BatchNorm):
            module.train()
            module.track_running_stats = False
            module.running_mean = None
            module.running_var = None


def learnable(network: nn.Module, adapted: Adapted) -> list[nn.Parameter]:
    """Freeze all parameters but those that adapt, and return these.

    `affine`: scale and shift of the normalisation layers (the paper's choice); `classifier`: the last
    linear layer; `all`: everything. Raises BadInputError where nothing would be left to learn.
    """
    chosen = [parameter for module in _adapted_modules(network, adapted) for parameter in module.parameters()]
    if not chosen and adapted != "nothing":
        raise BadInputError(f"The network has no parameters of the kind '{adapted}' to adapt.")
    network.requires_grad_(False)
    for parameter in chosen:
        parameter.requires_grad_(True)
    return chosen


def _adapted_modules(network: nn.Module, adapted: Adapted) -> Sequence[nn.Module]:
    match adapted:
        case "nothing":
            return []
        case "affine":
            return [module for module in network.modules() if isinstance(module, _NORMALISATIONS)]
        case "classifier":
            return [module for module in network.modules() if isinstance(module, nn.Linear)][-1:]
        case "all":
            return [network]
