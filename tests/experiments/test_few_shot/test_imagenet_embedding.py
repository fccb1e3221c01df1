"""An embedding that others have trained: its features, and the facts that say so."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from common.data.prepare import write_prepared
from common.strict import BadInputError
from experiments.few_shot import imagenet_embedding
from experiments.few_shot.embeddings import Embedding
from experiments.few_shot.imagenet_network import load_efficientnet, network_input, pooled_features
from tests.experiments.test_few_shot.project import DATA, job, make_root

SETTINGS = imagenet_embedding.Settings.model_validate(
    {"data": {**DATA, "images": 1, "test_images": 2}, "checkpoint": "toy_weights", "resolution": 32}
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Coloured squares, and a network of that architecture with weights of its own."""
    import timm

    root = make_root(tmp_path_factory.mktemp("project"))
    torch.manual_seed(0)
    state = timm.create_model("tf_efficientnet_lite0").state_dict()
    arrays = [(f"tensor_{place}", tensor.numpy()) for place, tensor in enumerate(state.values())]
    write_prepared("toy_weights", arrays, root, {"tensors": [name for name, _ in arrays]})
    return root


def test_an_embedding_of_outside_data_says_so(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "embedding.pt"
    (result,) = imagenet_embedding.run(job(root, SETTINGS, artefact=path))
    facts = result.protocol.model_dump()
    assert (facts["outside_data"], facts["training_images"], facts["training_classes"]) == ("imagenet", 0, 0)
    assert (facts["backbone"], facts["side"], facts["novel_classes"]) == ("toy_weights", 32, 5)
    saved = Embedding.load(path)
    assert saved.features.shape == (10, 1280)
    assert saved.labels.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert result.metrics == {"dimension": 1280.0}


def test_features_come_image_by_image(root: Path) -> None:
    network = load_efficientnet("toy_weights", root).eval()
    images = torch.randint(256, (5, 8, 8, 3), generator=torch.Generator().manual_seed(0)).byte()
    together, split = (pooled_features(network, images, 32, size) for size in (5, 2))
    assert torch.allclose(together, split, atol=1e-4)


def test_bytes_become_what_the_network_was_trained_on() -> None:
    images = torch.tensor([0, 255], dtype=torch.uint8)[:, None, None, None].expand(2, 4, 4, 1)
    found = network_input(images, 8)
    assert found.shape == (2, 3, 8, 8)
    assert found[0].unique().tolist() == [-1.0]
    assert found[1].unique().tolist() == [1.0]


def test_a_step_without_an_artefact_is_refused(root: Path) -> None:
    with pytest.raises(BadInputError, match="has no 'artefact' to keep its embedding in"):
        list(imagenet_embedding.run(job(root, SETTINGS)))
