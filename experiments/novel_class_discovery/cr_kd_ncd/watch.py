"""What is looked at during discovery: what is left of the class relation, clusters, the latent space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from common.training.descent import predict
from common.training.image_set import ImageSet
from experiments.novel_class_discovery.accuracy import clustering_accuracy
from experiments.novel_class_discovery.cr_kd_ncd.class_relation import (
    relation_divergence,
    relation_information,
)
from experiments.novel_class_discovery.network import DiscoveryNetwork, KnownClassifier, Outputs

LOOKED_AT = ("relation_divergence", "relation_agreement", "relation_kept", "unlabelled_accuracy")
MOMENTS = ("start", "middle", "end")


@dataclass(frozen=True)
class Watch:
    """Looks at images without a label in evaluation mode, never augmented.

    Attributes:
        old_known: cosines of the network of stage 1, `[rows, known]`.
        temperature: of the relation, T included.
        memory: where it is kept, so that nothing is lost after a kill.
        drawn: images whose features are kept for a picture of the latent space; None: there is no picture.
    """

    network: DiscoveryNetwork
    unlabelled: ImageSet
    old_known: Tensor
    temperature: float
    memory: dict[str, Any]
    drawn: ImageSet | None

    def look(self, epoch: int) -> None:
        """Measure the network as it is before `epoch`; what was measured before a kill is left as it is."""
        looked = self.memory.setdefault("looks", {})
        if str(epoch) in looked:
            return
        outputs = self.network.outputs(predict(self.network, self.unlabelled))
        looked[str(epoch)] = [*relation_measures(self.old_known, outputs.known, self.temperature).values()]
        looked[str(epoch)].append(self._accuracy(outputs))

    def keep_features(self, moment: str) -> None:
        """Keep the features of the drawn images, once for each moment."""
        if self.drawn is not None and moment not in self.memory:
            self.memory[moment] = self.network.outputs(predict(self.network, self.drawn)).features.cpu()

    def curves(self) -> dict[str, list[float]]:
        """What was looked at, by epoch, and where the drawn images lie."""
        looked: dict[str, list[float]] = self.memory["looks"]
        found = {"epoch": [float(epoch) for epoch in looked]}
        for place, name in enumerate(LOOKED_AT):
            found[name] = [values[place] for values in looked.values()]
        if self.drawn is not None:
            found["latent_class"] = self.drawn.labels.double().tolist()
            for moment in MOMENTS:
                found[f"latent_{moment}"] = in_a_plane(self.memory[moment]).flatten().tolist()
        return found

    def _accuracy(self, outputs: Outputs) -> float:
        clusters = outputs.novel[best_head(self.memory)].argmax(dim=1)
        truth = self.unlabelled.labels
        return clustering_accuracy(clusters.cpu().numpy(), truth.cpu().numpy())["accuracy"]


def relation_measures(old: Tensor, new: Tensor, temperature: float) -> dict[str, float]:
    """From cosines `[rows, known]`: KL(r_old ‖ r_new) in nats; percent of images with the same nearest known
    class; and percent of the information in r_old that is kept, below 0 where r_new says less than the mean
    relation.
    """
    divergence = float(relation_divergence(old, new, temperature).double().mean())
    information = float(relation_information(old, temperature).double())
    agreement = float((old.argmax(dim=1) == new.argmax(dim=1)).double().mean())
    kept = 1 - divergence / information if information > 0 else 1.0
    return dict(zip(LOOKED_AT, (divergence, 100 * agreement, 100 * kept), strict=False))


def old_cosines(old: KnownClassifier, images: ImageSet) -> Tensor:
    """What the network of stage 1 says of images, `[rows, known]`."""
    return predict(old, images)


def best_head(memory: dict[str, Any]) -> int:
    """The head of the smallest loss, summed over the last epoch; the first where none has learned yet."""
    return int(memory["head_losses"].argmin()) if "head_losses" in memory else 0


def in_a_plane(features: Tensor) -> Tensor:
    """Principal components `[rows, 2]` of unit features; of each the largest entry is positive."""
    unit = torch.nn.functional.normalize(features.double())
    centred = unit - unit.mean(dim=0)
    _, _, directions = torch.linalg.svd(centred, full_matrices=False)
    plane = centred @ directions[:2].T
    largest = plane.abs().argmax(dim=0)
    signs = plane.gather(0, largest[None]).sign()
    pointed: Tensor = plane * signs
    return pointed
