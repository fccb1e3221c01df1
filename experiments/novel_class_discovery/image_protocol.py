"""The facts that make two numbers of discovery among images comparable."""

from __future__ import annotations

from experiments.novel_class_discovery.protocol import DiscoveryFacts


class ImageDiscoveryFacts(DiscoveryFacts):
    """How images were learned from.

    Attributes:
        backbone: the network without its heads.
        side: of an image, in pixels.
        supervised_passes: how often stage 1 was shown each labelled image.
        discovery_passes: how often stage 2 was shown each image; 0 where nothing was learned.
        heads: of novel classes; that of the smallest loss in the last epoch is scored.
        novel_head_only: whether images were clustered by the novel classes' logits alone, which takes knowing
            that they
            are of novel classes (task-aware), or among all classes (task-agnostic).
    """

    backbone: str
    side: int
    supervised_passes: int
    discovery_passes: int
    heads: int
    novel_head_only: bool
