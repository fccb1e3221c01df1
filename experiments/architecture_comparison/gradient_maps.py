"""How strongly the centre of a feature map hangs on each pixel of the image, and how large that region is."""

from __future__ import annotations

from math import isqrt
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from common.strict import BadInputError, suggest

Layout = Literal["channels_first", "channels_last", "tokens"]
LEAST_SHARE = 1 - 0.9545  # of the largest gradient: two standard deviations of a Gaussian (Luo et al. 2016)


def centre_gradients(
    network: nn.Module, images: Tensor, layer: str, layout: Layout, signs: torch.Generator
) -> Tensor:
    """Root mean square, over images, of the gradient of the map's centre by each pixel: `[h, w]`.

    Each image counts alike: its squares are scaled to add up to one, as normalisations make the gradients of
    some images many times those of others.

    Of an even side, the centre is the place right of and below the middle. Each image's channels at that
    place are added with random signs, so that the mean of squares is that of the Jacobian's columns
    (Hutchinson 1990). The network is put into evaluation mode, and its parameters need no gradients any more.
    Raises BadInputError for a layer that the network lacks, or one without such an output.
    """
    modules = dict(network.named_modules())
    if layer not in modules:
        raise BadInputError(f"The network has no module '{layer}'.{suggest(layer, modules)}")
    kept: list[Tensor] = []
    handle = modules[layer].register_forward_hook(lambda module, given, output: kept.append(output))
    network.eval().requires_grad_(False)
    asked = images.clone().requires_grad_()
    try:
        network(asked)
    finally:
        handle.remove()
    centre = _centre(kept[-1] if kept else None, layer, layout)
    drawn = torch.randint(2, centre.shape, generator=signs) * 2.0 - 1.0
    (centre * drawn.to(centre)).sum().backward()
    assert asked.grad is not None
    squares = asked.grad.double().square().sum(dim=1)
    shares = squares / squares.sum(dim=(1, 2), keepdim=True).clamp_min(torch.finfo(torch.double).tiny)
    return shares.mean(dim=0).sqrt()


def effective_percent(gradients: Tensor) -> float:
    """Percent of the pixels of `[h, w]` whose gradient is above 4.55 % of the largest."""
    return float((gradients > LEAST_SHARE * gradients.max()).double().mean() * 100)


def mean_distance(gradients: Tensor) -> float:
    """Mean distance of the pixels of `[h, w]` from their centre of gravity, in pixels, by their gradients."""
    weights = gradients / gradients.sum()
    axes = [torch.arange(extent, dtype=weights.dtype, device=weights.device) for extent in weights.shape]
    down, across = torch.meshgrid(*axes, indexing="ij")
    middle = [(weights * places).sum() for places in (down, across)]
    return float((weights * torch.hypot(down - middle[0], across - middle[1])).sum())


def picture(gradients: Tensor) -> NDArray[np.uint8]:
    """The map as an image `[1, h, w]` whose brightest pixel is 255."""
    scaled = gradients / gradients.max() * 255
    image: NDArray[np.uint8] = scaled.round().to(torch.uint8).cpu().numpy()[None]
    return image


def _centre(output: object, layer: str, layout: Layout) -> Tensor:
    """Features `[n, channels]` at the centre."""
    wanted = 3 if layout == "tokens" else 4
    if not isinstance(output, Tensor) or output.ndim != wanted:
        found = list(output.shape) if isinstance(output, Tensor) else type(output).__name__
        raise BadInputError(f"The module '{layer}' puts out {found}, no {layout}; name another layer.")
    if layout == "channels_first":
        return output[:, :, output.shape[2] // 2, output.shape[3] // 2]
    if layout == "channels_last":
        return output[:, output.shape[1] // 2, output.shape[2] // 2]
    side = isqrt(output.shape[1])
    before = output.shape[1] - side**2
    if before > 1:
        raise BadInputError(
            f"The module '{layer}' puts out {output.shape[1]} tokens, no square of them with or without a "
            f"class token; name another layer."
        )
    return output[:, before + side // 2 * side + side // 2]
