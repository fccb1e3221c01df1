"""Pictures that stay on disk, source samples of them, and networks of timm as the methods expect them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from torch import nn

from common.strict import BadInputError
from common.training.images import Standardise
from experiments.test_time_adaptation.baselines.sar import all_but_the_last_stage
from experiments.test_time_adaptation.image_files import ImageFiles, files_by_class
from experiments.test_time_adaptation.normalisation import learnable
from experiments.test_time_adaptation.source_model import SourceModel
from experiments.test_time_adaptation.source_samples import folder_sample
from experiments.test_time_adaptation.timm_network import TimmNetwork
from tests.experiments.test_time_adaptation.project import coloured_images

CPU = torch.device("cpu")
STANDARDISE = Standardise(torch.tensor([100.0, 110.0, 120.0]), torch.tensor([50.0, 55.0, 60.0]))


def write(place: Path, count: int, seed: int = 0, side: int = 8) -> np.ndarray:
    """Pictures without loss, and their bytes."""
    place.mkdir(parents=True)
    images = coloured_images(count, seed, side)
    for number, image in enumerate(images):
        Image.fromarray(image).save(place / f"{number}.png")
    return images


def test_places_are_read_in_their_order(tmp_path: Path) -> None:
    pixels = write(tmp_path / "a", 5)
    images = ImageFiles(sorted((tmp_path / "a").iterdir()), CPU)
    assert images.shape == (5, 8, 8, 3)
    assert images[torch.tensor([3, 0, 3])].tolist() == pixels[[3, 0, 3]].tolist()
    assert images[1:3].tolist() == pixels[1:3].tolist()
    assert images[:].dtype == torch.uint8


def test_no_more_is_read_than_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a", 9)
    images = ImageFiles(sorted((tmp_path / "a").iterdir()), CPU)
    assert images.shape[0] == 9
    opened: list[str] = []
    plain = Image.open

    def noted(file: Path) -> Any:
        opened.append(file.name)
        return plain(file)

    monkeypatch.setattr(Image, "open", noted)
    images[torch.tensor([7, 2])]
    assert sorted(opened) == ["2.png", "7.png"]


@pytest.mark.parametrize("size", [(300, 400), (500, 260), (256, 256), (64, 48)])
def test_the_centre_is_that_of_torchvision(tmp_path: Path, size: tuple[int, int]) -> None:
    transforms = pytest.importorskip("torchvision.transforms")
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "0.png")
    (found,) = ImageFiles([tmp_path / "0.png"], CPU, side=224)[:]
    wanted = transforms.CenterCrop(224)(transforms.Resize(256)(Image.fromarray(pixels)))
    difference = found.numpy().astype(int) - np.asarray(wanted).astype(int)
    assert found.shape == (224, 224, 3)
    # One of them rounds the longer side, and half of what is cut, up where the other rounds them down.
    assert np.abs(difference).max() == 0 or max(size) % min(size) != 0


def test_a_damaged_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "0.png").write_bytes(b"no picture")
    with pytest.raises(BadInputError, match=r"0\.png can't be read as a picture"):
        ImageFiles([tmp_path / "0.png"], CPU)[:]


def test_classes_that_are_numbers_are_numbered_by_value(tmp_path: Path) -> None:
    for name in ("10", "9", "0"):
        write(tmp_path / "train" / name, 1)
    assert [files[0].parent.name for files in files_by_class(tmp_path, "train", 3)] == ["0", "9", "10"]
    write(tmp_path / "train" / "apple", 1)
    assert [files[0].parent.name for files in files_by_class(tmp_path, "train", 4)] == [
        "0",
        "10",
        "9",
        "apple",
    ]


def test_a_class_without_pictures_is_named(tmp_path: Path) -> None:
    write(tmp_path / "a", 1)
    (tmp_path / "b").mkdir()
    with pytest.raises(BadInputError, match="b holds no picture"):
        files_by_class(tmp_path, "train", 2)


# ---- samples of the source


def source(classes: int) -> SourceModel:
    return SourceModel("toy", classes, nn.Identity(), STANDARDISE)


def test_a_sample_has_the_first_of_each_class_in_batches(tmp_path: Path) -> None:
    pixels = [write(tmp_path / name, 3, seed) for seed, name in enumerate("ab")]
    sample = folder_sample(tmp_path, 4, None, source(2), CPU)
    assert sample.labels.tolist() == [0, 0, 1, 1]
    batches = list(sample.batches(3))
    assert [len(batch) for batch in batches] == [3, 1]
    wanted = STANDARDISE(torch.from_numpy(np.concatenate([each[:2] for each in pixels])))
    torch.testing.assert_close(torch.cat(batches), wanted)


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (5, "'source_images' is 5, which 2 classes can't share alike"),
        (0, "'source_images' is 0"),
        (8, r"a holds 3 picture\(s\), and 'source_images' asks for 4 of a class"),
    ],
)
def test_a_sample_that_can_not_be_had_is_refused(tmp_path: Path, count: int, sentence: str) -> None:
    for name in "ab":
        write(tmp_path / name, 3)
    with pytest.raises(BadInputError, match=sentence):
        folder_sample(tmp_path, count, None, source(2), CPU)


# ---- networks of timm


def test_a_network_of_timm_computes_what_it_did() -> None:
    plain: Any = timm.create_model("resnet10t", pretrained=False, num_classes=3).eval()
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        wanted, pooled = plain(images), plain.forward_features(images).mean((2, 3))
        made = TimmNetwork(plain)
        torch.testing.assert_close(made(images), wanted)
        torch.testing.assert_close(made.features(images), pooled)
        torch.testing.assert_close(made.classifier(made.features(images)), wanted)


def test_its_last_stage_and_its_classifier_are_told_apart() -> None:
    made = TimmNetwork(timm.create_model("resnet10t", pretrained=False, num_classes=3)).eval()
    named = {id(parameter): name for name, parameter in made.named_parameters()}
    chosen = {named[id(parameter)] for parameter in all_but_the_last_stage(made)}
    assert chosen
    assert not [name for name in chosen if "layer4" in name]
    features = {named[id(parameter)] for parameter in learnable(made, "features")}
    assert features == {name for name in named.values() if not name.startswith("classifier.")}


def test_a_network_without_a_linear_classifier_is_refused() -> None:
    plain = timm.create_model("resnet10t", pretrained=False, num_classes=0)
    with pytest.raises(BadInputError, match="ends in Identity, and methods need a linear classifier"):
        TimmNetwork(plain)
