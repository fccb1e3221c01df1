"""The baseline without learning: k-means on the features of stage 1.

Test images go to the nearest of the known classes' means and the centroids.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from common.runs.job import Job
from common.training.image_set import ImageSet
from common.training.seeding import stream_seed
from experiments.novel_class_discovery.constrained_k_means import Labelled, ncd_k_means, nearest_centroid
from experiments.novel_class_discovery.cr_kd_ncd.learning import Discovery
from experiments.novel_class_discovery.cr_kd_ncd.scores import Found
from experiments.novel_class_discovery.cr_kd_ncd.settings import DiscoverySettings
from experiments.novel_class_discovery.image_splits import ImageSplit
from experiments.novel_class_discovery.network import KnownClassifier


def cluster_features(job: Job[DiscoverySettings], split: ImageSplit, old: KnownClassifier) -> Discovery:
    """Clusters of unit features, which are what stage 1 compares with its prototypes."""
    labelled, unlabelled, test = (
        unit_features(old, images) for images in (split.labelled, split.unlabelled, split.test)
    )
    draws = np.random.default_rng(stream_seed(job.seed, "k-means"))
    nothing = np.empty((0, unlabelled.shape[1]))
    novel = ncd_k_means(unlabelled, nothing, job.settings.assumed or split.novel, draws)
    known = Labelled(labelled, split.labelled.labels.cpu().numpy()).means()
    tested = nearest_centroid(test, np.concatenate([known, novel.centroids]))
    return Discovery(Found(novel.assigned, tested, novel.assigned[None]), {}, None)


@torch.no_grad()
def unit_features(old: KnownClassifier, images: ImageSet) -> NDArray[np.float64]:
    """`[n, dimension]`, in evaluation mode."""
    parts = [F.normalize(old.backbone(batch.images).double()).cpu() for batch in images.clean()]
    features: NDArray[np.float64] = torch.cat(parts).numpy()
    return features
