"""Step `published_network`: a published checkpoint as the source network, judged on clean images.

The checkpoints are prepared data sets of arrays by name: `cifar10_resnet20`, `cifar10_resnet56`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from common.data.arrays import load
from common.data.manifests import read_manifest
from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel
from experiments.test_time_adaptation.protocol import SourceFacts

if TYPE_CHECKING:
    from pathlib import Path

    import torch
    from torch import nn


class Settings(StrictModel):
    """Which checkpoint, of which network, and what it expects.

    Attributes:
        checkpoint: the prepared data set that holds it.
        mean, deviation: of each channel, of values from 0 to 1, by which training images were standardised.
        dataset, test_images: clean images to judge it on, the first so many; null: all.
    """

    checkpoint: str
    network: str
    classes: int = Field(ge=2)
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    dataset: str
    test_images: int | None = Field(default=None, ge=1)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Save the network as the artefact, and yield its clean error."""
    import torch

    from common.training.device import best_device, place
    from common.training.images import Standardise
    from experiments.test_time_adaptation.offline import error_percent
    from experiments.test_time_adaptation.source_model import SourceModel

    if job.artefact is None:
        raise BadInputError(
            f"Step '{job.step}' has no 'artefact' to keep its network in: name it network.pt."
        )
    settings, device = job.settings, best_device()
    network = place(
        read_checkpoint(settings.checkpoint, settings.network, settings.classes, job.root), device
    )
    scale = [255 * torch.tensor(values) for values in (settings.mean, settings.deviation)]
    network = place(network, device).eval()
    model = SourceModel(
        settings.network, settings.classes, network, Standardise(*scale), weights=settings.checkpoint
    )
    model.save(job.artefact)

    arrays = load(settings.dataset, job.root)
    images, labels = (
        torch.tensor(arrays[f"test_{part}"][: settings.test_images]).to(device)
        for part in ("images", "labels")
    )
    with torch.no_grad():
        logits = torch.cat([network(model.standardise(batch)) for batch in torch.split(images, 500)])
    yield Result(
        job.conditions[0],
        metrics={"error_percent": error_percent(logits, labels)},
        protocol=_facts(settings, images),
    )


def read_checkpoint(checkpoint: str, name: str, classes: int, root: Path) -> nn.Module:
    """The network with the checkpoint's tensors, which are ours in our order under names of their own.

    Raises BadInputError where tensors are missing, of another kind, of another shape or not finite: a
    checkpoint of another network, or a damaged one.
    """
    import torch

    from common.models.registry import small_image_network

    network, arrays = small_image_network(name, classes), load(checkpoint, root)
    state = network.state_dict()
    own = [key for key in state if "num_batches" not in key]
    manifest = read_manifest(checkpoint, root)
    named = manifest.facts.get("tensors")
    published = [str(key) for key in named] if isinstance(named, list) else []
    kinds = [[key.rpartition(".")[2] for key in keys] for keys in (own, published)]
    if kinds[0] != kinds[1]:
        raise BadInputError(
            f"Checkpoint {checkpoint} has {len(published)} tensors, {name} {len(own)} of other kinds: it is "
            f"of another network. Set 'network' to the one that it was trained as."
        )
    for key, theirs in zip(own, published, strict=True):
        values = torch.tensor(arrays[theirs])
        if values.shape != state[key].shape or not values.isfinite().all():
            raise BadInputError(
                f"Checkpoint {checkpoint}: '{theirs}' {list(values.shape)} doesn't fit '{key}' "
                f"{list(state[key].shape)} of {name}, or holds NaN. Prepare it anew: "
                f"dvc repro prepare@{checkpoint}"
            )
        state[key] = values
    network.load_state_dict(state)
    return network


def _facts(settings: Settings, images: torch.Tensor) -> SourceFacts:
    return SourceFacts(
        dataset=settings.dataset,
        split="test",
        images=len(images),
        resolution=images.shape[1],
        network=settings.network,
        weights=settings.checkpoint,
        training_precision="float32",
    )
