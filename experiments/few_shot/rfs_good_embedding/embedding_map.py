"""Step of a map of the novel classes in an embedding: t-SNE of features of length one.

van der Maaten and Hinton: Visualizing Data using t-SNE, Journal of Machine Learning Research 9, 2008, as
scikit-learn has it, started from principal components. A condition's `embedding` names the step to be mapped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field

from common.runs.job import Job, Result
from common.strict import BadInputError, StrictModel, suggest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from experiments.few_shot.embeddings import Embedding


class Settings(StrictModel):
    """How many images of each class are mapped, and t-SNE's perplexity."""

    images: int = Field(ge=2)
    perplexity: float = Field(gt=0)


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield each map as a picture, and how well it and the features tell classes apart."""
    from experiments.few_shot.embeddings import Embedding

    for condition in job.conditions:
        name = str(condition["embedding"])
        if name not in job.inputs:
            raise BadInputError(
                f"Step '{job.step}' reads no embedding '{name}': add that step to its 'needs'."
                f"{suggest(name, job.inputs)}"
            )
        embedding = Embedding.load(job.inputs[name])
        features, labels = first_of_each(embedding, job.settings.images)
        places = positions(features, job.settings.perplexity, job.seed)
        metrics = {"silhouette": silhouette(features, labels)}
        yield Result(condition, metrics, embedding.facts, pictures=as_pictures(places, labels))


def first_of_each(embedding: Embedding, count: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Features `[n, dimension]` of length one, and labels `[n]`, of the first images of each class."""
    import torch

    from experiments.few_shot.features import normalised

    classes = embedding.labels.unique()
    members = [torch.nonzero(embedding.labels == label)[:count, 0] for label in classes]
    places = torch.cat(members)
    features = normalised(embedding.features[places], "unit", embedding.base_mean)
    return features.double().numpy(), embedding.labels[places].numpy()


def positions(features: NDArray[np.float64], perplexity: float, seed: int) -> NDArray[np.float64]:
    """Places on the plane, `[n, 2]`; raises BadInputError where there are too few points."""
    from sklearn.manifold import TSNE

    if perplexity >= len(features):
        raise BadInputError(
            f"A perplexity of {perplexity:g} needs more than the {len(features)} images; lower it."
        )
    model: Any = TSNE(2, perplexity=perplexity, init="pca", random_state=seed, n_jobs=1)
    found: NDArray[np.float64] = model.fit_transform(features)
    return found


def silhouette(features: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Mean silhouette, in -1..1 (Rousseeuw 1987): 1 where each class is tight and far from others."""
    from sklearn.metrics import silhouette_score

    return float(silhouette_score(features, labels))


def as_pictures(places: NDArray[np.float64], labels: NDArray[np.int64]) -> dict[str, NDArray[np.uint8]]:
    """`places` `[n, 1, 2]`, across and up, the longer side of the map 255 long, and `labels` `[n, 1, 1]`.

    A record has no other room for so many numbers; the eye tells 256 places of a side apart no better.
    """
    import numpy as np

    shifted = places - places.min(axis=0)
    scaled = np.rint(shifted / shifted.max() * 255).astype(np.uint8)
    return {"places": scaled[:, None, :], "labels": labels.astype(np.uint8)[:, None, None]}
