"""What of a network adapts: the statistics of batch normalisation, and the parameters that learn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from common.strict import BadInputError
from experiments.test_time_adaptation.protocol import Adapted


class Normaliser(nn.Module):
    """Stands in for a batch normalisation whose scale, shift and source statistics it takes over."""

    def __init__(self, original: _BatchNorm) -> None:
        super().__init__()
        self.weight, self.bias = original.weight, original.bias
        self.epsilon = original.eps
        for name in ("mean", "variance"):
            found = getattr(original, "running_mean" if name == "mean" else "running_var")
            if found is None:
                raise BadInputError("The network keeps no source statistics to start from; load its weights.")
            self.register_buffer(name, found.detach().clone())

    def normalised(self, x: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
        """Scale and shift of `[batch, channels, h, w]` less the mean, over the deviation, per channel."""
        scale = self.weight * (variance + self.epsilon).rsqrt()
        return torch.addcmul(_per_channel(self.bias - mean * scale), x, _per_channel(scale))


def batch_moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and biased variance of each channel of `[batch, channels, h, w]`, `[channels]`."""
    mean = x.mean(dim=(0, 2, 3))
    # `torch.var_mean` is ten times slower where channels are the last in memory.
    return mean, (x - _per_channel(mean)).square().mean(dim=(0, 2, 3))


def replace_batch_normalisation(network: nn.Module, make: Callable[[_BatchNorm], Normaliser]) -> None:
    """Put a normaliser in the place of every batch normalisation; BadInputError where there is none."""
    check_batch_normalisation(network)
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, _BatchNorm):
                setattr(parent, name, make(child))


def has_batch_normalisation(network: nn.Module) -> bool:
    """Whether any of its layers is one."""
    return any(isinstance(module, _BatchNorm) for module in network.modules())


def check_batch_normalisation(network: nn.Module) -> None:
    """Raise BadInputError for a network that has no batch normalisation, which a method is about."""
    if not has_batch_normalisation(network):
        raise BadInputError(
            "The method re-estimates batch normalisation, which the network doesn't have. Take a network "
            "with it, or a method without: lame, t3a, sar."
        )


def check_batch(images: Tensor) -> None:
    """Raise BadInputError for a batch of one: its statistics would be those of the image itself."""
    if len(images) < 2:
        raise BadInputError(
            "A batch of one image has no statistics of a batch. Raise 'batch_size', or take "
            "bn_prior, lame, t3a, memo or rotta, which can do with one; or a network without batch "
            "normalisation, and sar."
        )


def _per_channel(values: Tensor) -> Tensor:
    return values[None, :, None, None]


_NORMALISATIONS = (_BatchNorm, nn.LayerNorm, nn.GroupNorm, Normaliser)


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
    linear layer; `features`: all but that; `all`: everything. Raises BadInputError where nothing would be
    left to learn.
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
        case "features":
            return [module for name, module in network.named_children() if name != "classifier"]
        case "all":
            return [network]
