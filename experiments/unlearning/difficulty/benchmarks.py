"""Benchmarks of the difficulty scores, beside loops over images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.benchmark.entries import Pair, Ways

if TYPE_CHECKING:
    from torch import Tensor, nn

    from common.training.image_set import ImageSet

NETWORK = "resnet8_quarter"  # of the quick scale


def gradient_norms_one_by_one(network: nn.Module, images: ImageSet) -> Tensor:
    """GraNd by a backward pass for each image, float64 `[n]`; `network` is in evaluation mode."""
    import torch
    from torch.nn import functional as F

    norms = []
    for batch in images.clean(1):
        loss = F.cross_entropy(network(batch.images), batch.labels)
        gradients = torch.autograd.grad(loss, list(network.parameters()))
        norms.append(torch.stack([gradient.double().square().sum() for gradient in gradients]).sum().sqrt())
    return torch.stack(norms)


def errors_one_by_one(network: nn.Module, images: ImageSet) -> Tensor:
    """EL2N by a forward pass for each image, float64 `[n]`; `network` is in evaluation mode."""
    import torch

    errors = []
    with torch.no_grad():
        for batch in images.clean(1):
            error = network(batch.images).double().softmax(dim=1)[0]
            error[batch.labels[0]] -= 1
            errors.append(error.norm())
    return torch.stack(errors)


def _grand(count: int) -> Ways:
    from common.benchmark.made_up import fresh_network, noise_images
    from experiments.unlearning.difficulty.scores import grand

    network, images = fresh_network(NETWORK, 1).eval(), noise_images(count, 28, 1)
    return Ways(lambda: gradient_norms_one_by_one(network, images), lambda: grand(network, images))


def _el2n(count: int) -> Ways:
    from common.benchmark.made_up import fresh_network, noise_images
    from experiments.unlearning.difficulty.scores import el2n

    network, images = fresh_network(NETWORK, 1).eval(), noise_images(count, 28, 1)
    return Ways(lambda: errors_one_by_one(network, images), lambda: el2n(network, images))


BENCHMARKS = [
    Pair(
        "grand",
        "a backward pass per image",
        "vmap of grad",
        _grand,
        [128],
        "images",
        tolerance=1e-4,
        remark="a gradient per image is a convolution with as many groups as images, which a CPU does slowly",
    ),
    Pair("el2n", "a forward pass per image", "batches of 1,000", _el2n, [1000], "images", tolerance=1e-5),
]
