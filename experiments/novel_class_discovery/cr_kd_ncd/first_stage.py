"""The classifier of stage 1, as stage 2 starts from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from common.strict import BadInputError
from common.training.device import place
from experiments.novel_class_discovery.image_splits import ImageSplit
from experiments.novel_class_discovery.network import KnownClassifier


def load_classifier(backbone: str, path: Path, split: ImageSplit) -> tuple[KnownClassifier, int]:
    """The classifier on the device of the images, which learns no more, and the passes it was trained for.

    Raises BadInputError where it was trained for another number of classes, or is another network.
    """
    saved: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    network = KnownClassifier(backbone, split.known, split.channels)
    try:
        network.load_state_dict(saved["state"])
    except RuntimeError:
        classes = len(saved["state"]["prototypes.weight"])
        raise BadInputError(
            f"{path} has a classifier of {classes} classes that doesn't fit a {backbone} with {split.known}; "
            "give both stages the same 'backbone' and 'data'."
        ) from None
    place(network, split.labelled.images.device)
    network.eval().requires_grad_(False)
    return network, int(saved["passes"])
