"""Relation network: a learned comparison of a query's feature maps with those of each class.

Sung, Yang, Zhang, Xiang, Torr, Hospedales: Learning to Compare: Relation Network for Few-Shot Learning, 2018,
arXiv 1711.06025: r = g(C(Σ over the shots of f(x_i), f(x_j))) with C joining maps in depth, and the loss is
Σ (r − 1(y_i = y_j))² over all pairs of a query and a class. f: four blocks, max-pooling after the first two;
g: two blocks with max-pooling, a layer of 8 units, and a sigmoid.

Deviations: poolings of g keep an odd last row and column, and the mean over the pixels that are left enters
the layer of 8, so that one network takes images of any size; the loss is the mean over pairs, not their
sum.

The first convolution of g is linear in the joined maps, so it is that of the class plus that of the query:
it is computed once for every class and every query, and not for every pair.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from experiments.few_shot.backbones import ConvBlock, ConvNet4

HIDDEN = 8  # section 3.4 of the paper
POOLED = 2  # blocks of the embedding that are followed by max-pooling


class RelationModule(nn.Module):
    """g: how alike a class and a query are."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.joined = nn.Conv2d(2 * width, width, 3, padding=1, bias=False)
        self.normalisation = nn.BatchNorm2d(width)
        self.block = ConvBlock(width, width)
        self.hidden = nn.Linear(width, HIDDEN)
        self.score = nn.Linear(HIDDEN, 1)

    def forward(self, classes: Tensor, queries: Tensor) -> Tensor:
        """Scores in 0..1, `[tasks, questions, ways]`, of maps `[tasks, ways or questions, width, h, w]`."""
        of_class, of_query = self.joined.weight.chunk(2, dim=1)
        pairs = _convolved(classes, of_class)[:, None] + _convolved(queries, of_query)[:, :, None]
        maps = _pooled(F.relu(self.normalisation(pairs.flatten(0, 2)), inplace=True))
        maps = _pooled(self.block(maps))
        scores: Tensor = self.score(F.relu(self.hidden(maps.mean((2, 3)))))
        return scores.sigmoid().view(pairs.shape[:3])


class RelationNetwork(nn.Module):
    """f and g, with the weights of f in the blocks of a ConvNet-4; g stands for its classifier."""

    def __init__(self, backbone: ConvNet4) -> None:
        super().__init__()
        self.blocks = backbone.blocks
        self.classifier = RelationModule(backbone.dimension)

    def maps(self, images: Tensor) -> Tensor:
        """f: `[batch, width, h/4, w/4]` of images `[batch, channels, h, w]`."""
        for number, block in enumerate(self.blocks):
            images = block(images)
            if number < POOLED:
                images = F.max_pool2d(images, 2)
        return images


class RelationTasks(NamedTuple):
    """Maps of several tasks of one shape.

    Attributes:
        support: `[tasks, examples, width, h, w]`.
        labels: int64 `[examples]` in 0..ways-1, the same for every task.
        queries: `[tasks, questions, width, h, w]`.
    """

    support: Tensor
    labels: Tensor
    queries: Tensor


def classify(network: RelationNetwork, tasks: RelationTasks) -> Tensor:
    """Scores in 0..1, `[tasks, questions, ways]`; a class is the sum of the maps of its supports."""
    membership = F.one_hot(tasks.labels).to(tasks.support.dtype)
    classes = torch.einsum("tncxy,nw->twcxy", tasks.support, membership)
    scores: Tensor = network.classifier(classes, tasks.queries)
    return scores


def relation_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Mean squared error of scores `[tasks, questions, ways]` to whether query and class agree."""
    truth = F.one_hot(labels, scores.shape[-1]).to(scores.dtype)
    return F.mse_loss(scores, truth.expand_as(scores))


def _convolved(maps: Tensor, weight: Tensor) -> Tensor:
    convolved = F.conv2d(maps.flatten(0, 1), weight, padding=1)
    return convolved.view(*maps.shape[:2], *convolved.shape[1:])


def _pooled(maps: Tensor) -> Tensor:
    return F.max_pool2d(maps, 2, ceil_mode=True)
