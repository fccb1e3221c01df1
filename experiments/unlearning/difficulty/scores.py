"""Scores of single examples: how sure a network is of each, how much each still moves it.

Each takes a network and an image set of n images and gives float64 `[n]` on the CPU, in the order of the
set, measured in evaluation mode without augmentation; each raises BadInputError where a score is NaN or
infinite. The average over several trainings that some authors take is left to the caller.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn import functional as F

from common.strict import BadInputError
from common.training.descent import predict
from common.training.image_set import ImageSet

# Gradients kept at a time, one of each image; more gain no speed, and fill the memory of large networks.
GRADIENTS_AT_ONCE = 64


def cross_entropy_loss(network: nn.Module, images: ImageSet) -> Tensor:
    """-log p of the true class, 0 or more."""
    loss = F.cross_entropy(predict(network, images).double(), images.labels, reduction="none")
    return _finite(loss, "cross-entropy")


def entropy(network: nn.Module, images: ImageSet) -> Tensor:
    """-sum p log p over the classes, from 0 to the log of their number; labels play no part."""
    return _finite(torch.special.entr(_probabilities(network, images)).sum(dim=1), "entropy")


def confidence(network: nn.Module, images: ImageSet) -> Tensor:
    """The probability of the true class, in [0, 1]."""
    true_class = _probabilities(network, images).gather(1, images.labels[:, None]).squeeze(1)
    return _finite(true_class, "confidence")


def el2n(network: nn.Module, images: ImageSet) -> Tensor:
    """||p - y||, the Euclidean norm of the error, in [0, sqrt 2].

    Paul, Ganguli, Dziugaite: Deep Learning on a Data Diet, NeurIPS 2021, arXiv 2107.07075; they measure it
    after a few epochs and average ten trainings.
    """
    probabilities = _probabilities(network, images)
    target = F.one_hot(images.labels, probabilities.shape[1])
    return _finite((probabilities - target).norm(dim=1), "EL2N")


def grand(network: nn.Module, images: ImageSet) -> Tensor:
    """GraNd: the Euclidean norm of the gradient of the example's cross-entropy in all parameters.

    Paul et al. (see `el2n`). Exact, one gradient for each image; batch normalisation uses the statistics
    of training, so that no image plays a part in another's.
    """
    training = network.training
    network.eval()
    parameters = {name: value.detach() for name, value in network.named_parameters()}
    rest = dict(network.named_buffers())

    def loss(parameters: dict[str, Tensor], image: Tensor, label: Tensor) -> Tensor:
        logits = functional_call(network, (parameters, rest), (image[None],))
        return F.cross_entropy(logits, label[None])

    gradients = vmap(grad(loss), in_dims=(None, 0, 0))
    norms = [
        _norms(gradients(parameters, batch.images, batch.labels)) for batch in images.clean(GRADIENTS_AT_ONCE)
    ]
    network.train(training)
    return _finite(torch.cat(norms), "GraNd")


@torch.no_grad()
def moderate(network: nn.Module, images: ImageSet) -> Tensor:
    """How far an image's distance to the centre of its class is from the median distance in the class.

    The coreset called Moderate keeps the lowest, as Fan et al., ECCV 2024, arXiv 2403.07362, compare with
    it: distances are Euclidean, between `network.features`, and a centre is the median in each feature.
    """
    training = network.training
    network.eval()
    penultimate = cast(Any, network).features
    features = torch.cat([penultimate(batch.images).double() for batch in images.clean()])
    network.train(training)
    scores = torch.empty_like(features[:, 0])
    for label in images.labels.unique():
        members = images.labels == label
        distances = (features[members] - features[members].quantile(0.5, dim=0)).norm(dim=1)
        scores[members] = (distances - distances.quantile(0.5)).abs()
    return _finite(scores, "distance to the class centre")


def forgetting_events(correct: Tensor) -> Tensor:
    """How often each image went from correct to wrong, int64 `[n]`, of bool `[epochs, n]` in order of time.

    Toneva et al., ICLR 2019, arXiv 1812.05159, who compare consecutive visits in training. An image that
    was never correct was never learnt: theirs is infinite, here it is epochs + 1, above any count.
    """
    events = (correct[:-1] & ~correct[1:]).sum(dim=0)
    return torch.where(correct.any(dim=0), events, len(correct) + 1).cpu()


def _probabilities(network: nn.Module, images: ImageSet) -> Tensor:
    return predict(network, images).double().softmax(dim=1)


def _norms(gradients: dict[str, Tensor]) -> Tensor:
    """Float64 `[batch]` from a gradient `[batch, …]` of each parameter."""
    squares = [gradient.flatten(1).double().square().sum(dim=1) for gradient in gradients.values()]
    return torch.stack(squares).sum(dim=0).sqrt()


def _finite(scores: Tensor, name: str) -> Tensor:
    broken = int((~scores.isfinite()).sum())
    if broken:
        raise BadInputError(
            f"The {name} of {broken} of {len(scores)} images is not finite: the network diverged. "
            f"Lower the learning rate of the step that trained it, and train it again."
        )
    return scores.detach().cpu()
