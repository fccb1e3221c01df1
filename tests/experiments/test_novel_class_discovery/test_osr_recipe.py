"""The network, the learning rates, RandAugment and ARPL against values worked out independently."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps
from pydantic import ValidationError
from torch import nn

from common.strict import BadInputError
from common.training.image_set import Batch, ImageSet
from common.training.images import Standardise
from experiments.novel_class_discovery.osr_closed_set.classifier32 import Classifier32
from experiments.novel_class_discovery.osr_closed_set.learning_rates import share_of_highest
from experiments.novel_class_discovery.osr_closed_set.networks import fresh_network
from experiments.novel_class_discovery.osr_closed_set.random_augment import (
    _operations,
    cut_out,
    random_augmented,
)
from experiments.novel_class_discovery.osr_closed_set.reciprocal_points import (
    ReciprocalPoints,
    WithDistances,
    reciprocal_loss,
)
from experiments.novel_class_discovery.osr_closed_set.settings import DataSettings, Recipe

CPU = torch.device("cpu")
PIXELS = torch.randint(0, 256, (4, 32, 32, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def recipe(**changes: object) -> Recipe:
    return Recipe.model_validate(
        {"network": "classifier32", "epochs": 600, "batch_size": 128, "learning_rate": 0.1} | changes
    )


def test_classifier32_has_the_published_layers() -> None:
    network = Classifier32(64, classes=6)
    # Nine convolutions, two numbers for each of 1,024 normalised channels, a linear layer without bias.
    convolutions = 9 * (3 * 64 + 64 * 64 + 64 * 128 + 6 * 128 * 128)
    assert sum(each.numel() for each in network.parameters()) == convolutions + 2 * 1024 + 128 * 6
    assert sum(isinstance(each, nn.Dropout2d) for each in network.modules()) == 3
    assert network.eval()(torch.zeros(2, 3, 32, 32)).shape == (2, 6)
    assert network.features(torch.zeros(2, 3, 32, 32)).shape == (2, 128)
    assert network.layers(torch.zeros(1, 3, 32, 32)).shape == (1, 128, 4, 4)


def test_an_unknown_network_is_told() -> None:
    with pytest.raises(BadInputError, match=r"no network 'clasifier32'. Did you mean 'classifier32'"):
        fresh_network("clasifier32", 6, 3, "cross_entropy", 0, CPU)


def test_learning_rates_rise_fall_and_start_again() -> None:
    published = recipe(schedule="cosine", cycles=3, warm_up=10)
    assert share_of_highest(published, 0) == 0
    at_ten = 0.001 + 0.999 * 0.5 * (1 + math.cos(math.pi * 10 / 200))
    assert share_of_highest(published, 5) == pytest.approx(at_ten / 2)
    assert share_of_highest(published, 10) == pytest.approx(at_ten)
    assert share_of_highest(published, 100) == pytest.approx(0.5005)
    assert share_of_highest(published, 199.999) == pytest.approx(0.001, abs=1e-6)
    assert share_of_highest(published, 200) == share_of_highest(published, 400) == 1.0
    assert share_of_highest(recipe(), 333.3) == 1.0


def test_a_warm_up_that_leaves_no_epoch_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"a warm-up of 600.0 epochs leaves none of 600"):
        recipe(warm_up=600)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"split": "random"}, "a random split has 'known_count'"),
        ({"split": "published", "known": [0, 1]}, "a published one neither"),
        ({"split": "given", "known": [0, 1]}, "'unknown' belongs to a given split"),
        ({"split": "published", "validation_images": 5}, "no training images are left for validation"),
    ],
)
def test_settings_that_do_not_fit_their_split_are_refused(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        DataSettings.model_validate({"dataset": "mnist", "side": 16, **settings})


def pil(name: str, image: Image.Image, share: float) -> Image.Image:
    """One operation as PIL, which the official code calls, makes it, for a negative sign."""
    size, affine = image.size, Image.Transform.AFFINE
    match name:
        case "shear_x":
            return image.transform(size, affine, (1, -0.3 * share, 0, 0, 1, 0))
        case "translate_x":
            return image.transform(size, affine, (1, 0, 100 * share, 0, 1, 0))
        case "translate_y":
            return image.transform(size, affine, (1, 0, 0, 0, 1, 100 * share))
        case "solarize":
            return ImageOps.solarize(image, int(256 * share))
        case "posterize":
            return ImageOps.posterize(image, max(1, int(4 * share)))
        case "invert":
            return ImageOps.invert(image)
        case "auto_contrast":
            return ImageOps.autocontrast(image)
    return ImageOps.equalize(image)


@pytest.mark.parametrize(
    "name",
    ["translate_x", "translate_y", "solarize", "posterize", "invert", "auto_contrast", "equalize", "shear_x"],
)
def test_operations_agree_with_pil(name: str) -> None:
    share = 9 / 30
    left = torch.zeros(1, 3)  # below one half: a negative sign
    found = _operations()[name](PIXELS[:1].permute(0, 3, 1, 2), share, left)[0].permute(1, 2, 0)
    expected = torch.from_numpy(np.array(pil(name, Image.fromarray(PIXELS[0].numpy()), share)))
    off = (found.int() - expected.int()).abs().amax(dim=-1)
    # Contrast rounds its other way for some values; sheared rows may be rounded to a neighbouring pixel.
    assert (off > 1).float().mean() < (0.05 if name == "shear_x" else 0.001)


def test_squares_are_cut_out_where_they_are_centred() -> None:
    centres = torch.tensor([[0.5, 0.25], [0.0, 1.0]])
    cut = cut_out(torch.zeros(2, 3, 32, 32, dtype=torch.uint8), 8.0, centres)
    assert torch.nonzero(cut[0, 0]).aminmax(dim=0).min.tolist() == [12, 4]
    assert torch.nonzero(cut[0, 0]).aminmax(dim=0).max.tolist() == [20, 12]
    assert torch.nonzero(cut[1, 0]).aminmax(dim=0).min.tolist() == [0, 28]
    assert cut[0, :, 16, 8].tolist() == [125, 123, 114]


def test_augmentation_repeats_and_leaves_the_images_alone() -> None:
    images = ImageSet(PIXELS.repeat(20, 1, 1, 1), torch.arange(80), Standardise.of(PIXELS))
    before = images.images.clone()
    first, again = (
        random_augmented(images, 9, False, torch.Generator().manual_seed(1)).images for _ in range(2)
    )
    assert torch.equal(first, again)
    assert torch.equal(images.images, before)
    assert (first != before).flatten(1).any(dim=1).float().mean() > 0.8


def test_upright_images_are_never_moved() -> None:
    """A white image stays without black corners: nothing is turned or shifted, only sheared or recoloured."""
    white = torch.full((200, 32, 32, 1), 255, dtype=torch.uint8)
    images = ImageSet(white, torch.zeros(200, dtype=torch.int64), Standardise(torch.ones(1), torch.ones(1)))
    moved = random_augmented(images, 6, False, torch.Generator().manual_seed(0)).images
    upright = random_augmented(images, 6, True, torch.Generator().manual_seed(0)).images

    def lost_rows(pixels: torch.Tensor) -> int:
        black_rows = (pixels == 0).all(dim=2).squeeze(-1)
        mixed = (pixels != 0).flatten(1).any(dim=1)
        return int((black_rows.any(dim=1) & mixed).sum())

    assert lost_rows(moved) > 0
    assert lost_rows(upright) == 0


def test_reciprocal_points_by_hand() -> None:
    head = ReciprocalPoints(2, 2)
    with torch.no_grad():
        head.points.copy_(torch.tensor([[1.0, 0.0], [0.0, 2.0]]))
        head.radii.copy_(torch.tensor([0.0, 3.0]))
    features = torch.tensor([[3.0, 4.0]])
    # ((3 - 1)^2 + 4^2) / 2 = 10, (3^2 + (4 - 2)^2) / 2 = 6.5; less the products 3 and 8.
    assert head.distances(features).tolist() == [[10.0, 6.5]]
    assert head(features).tolist() == [[7.0, -1.5]]
    joined = torch.tensor([[7.0, -1.5, 10.0, 6.5]])
    for label, logit, beyond in ((0, 7.0, 10.0), (1, -1.5, 3.5)):
        batch = Batch(features, torch.tensor([label]), torch.tensor([0]))
        entropy = math.log(math.exp(7.0) + math.exp(-1.5)) - logit
        found = reciprocal_loss(head, 0.0)(joined, batch, 0)
        assert found.item() == pytest.approx(entropy + 0.1 * beyond, rel=1e-5)


def test_training_sees_logits_and_distances() -> None:
    network = fresh_network("classifier32_w8", 3, 1, "arpl", 0, CPU).eval()
    images = torch.randn(5, 1, 16, 16)
    joined = WithDistances(network)(images)
    assert joined.shape == (5, 6)
    assert torch.allclose(joined[:, :3], network(images))
