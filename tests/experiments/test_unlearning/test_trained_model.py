"""The original model through a file and back."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import pytest
import torch
from torch import Tensor

from common.strict import BadInputError
from experiments.unlearning.settings import DataSettings
from experiments.unlearning.trained_model import TrainedModel, fresh_network, state_of

CPU = torch.device("cpu")


def settings(**changes: Any) -> DataSettings:
    usual = {"dataset": "toy", "network": "resnet8_quarter", "classes": 3, "validation_share": 0.25}
    return DataSettings(**{**usual, **changes})


def images() -> Tensor:
    return torch.randn(5, 1, 12, 12, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def model() -> TrainedModel:
    """Its early weights are those of another initialisation, with statistics of their own."""
    early = fresh_network(settings(), 1, 1, CPU)
    early(images())
    correct = torch.tensor([[True, False], [True, True], [False, True]])
    return TrainedModel(
        "resnet8_quarter", fresh_network(settings(), 1, 0, CPU).eval(), state_of(early), correct
    )


def test_initial_weights_hang_on_the_seed_alone() -> None:
    first = state_of(fresh_network(settings(), 1, 0, CPU))
    torch.rand(3)
    before = torch.random.get_rng_state()
    again = state_of(fresh_network(settings(), 1, 0, CPU))
    other = state_of(fresh_network(settings(), 1, 1, CPU))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(again[name], value) for name, value in first.items())
    assert not torch.equal(other["stem.weight"], first["stem.weight"])


def test_a_model_is_read_as_it_was_written(model: TrainedModel, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "model.pt"
    model.save(path)
    read = TrainedModel.load(path, settings(), 1, CPU)
    assert read.name == "resnet8_quarter"
    assert not read.network.training
    assert torch.equal(read.network(images()), model.network(images()))
    assert torch.equal(read.correct, model.correct)
    assert read.early.keys() == model.early.keys()
    assert all(torch.equal(read.early[name], value) for name, value in model.early.items())
    assert [file.name for file in path.parent.iterdir()] == ["model.pt"]


def test_an_interrupted_write_leaves_the_file_that_was_there(
    model: TrainedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.pt"
    model.save(path)
    before = path.read_bytes()

    def half(parts: object, file: IO[bytes]) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(KeyboardInterrupt):
        model.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_early_network_is_that_of_the_early_weights(model: TrainedModel) -> None:
    early = model.early_network()
    expected = fresh_network(settings(), 1, 1, CPU)
    expected(images())
    assert not early.training
    torch.testing.assert_close(early(images()), expected.eval()(images()))
    assert not torch.allclose(early(images()), model.network(images()))


def test_a_copy_can_change_and_the_model_does_not(model: TrainedModel) -> None:
    before = state_of(model.network)
    for copy in (model.copy_network(), model.early_network()):
        with torch.no_grad():
            for parameter in copy.parameters():
                parameter.zero_()
        copy.train()(images())
    after = state_of(model.network)
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert not model.network.training


def test_a_state_is_a_copy(model: TrainedModel) -> None:
    state = state_of(model.network)
    state["stem.weight"].zero_()
    assert model.network.stem.weight.abs().sum() > 0  # type: ignore[union-attr,operator]


def test_another_architecture_is_refused_with_what_to_do(model: TrainedModel, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    model.save(path)
    with pytest.raises(
        BadInputError, match="holds a resnet8_quarter, but 'network' is resnet8_half"
    ) as caught:
        TrainedModel.load(path, settings(network="resnet8_half"), 1, CPU)
    assert "Delete the file to train it again" in str(caught.value)


@pytest.mark.parametrize(("classes", "channels"), [(4, 1), (3, 3)])
def test_other_classes_or_channels_are_refused_in_a_sentence(
    model: TrainedModel, tmp_path: Path, classes: int, channels: int
) -> None:
    path = tmp_path / "model.pt"
    model.save(path)
    sentence = rf"doesn't hold a resnet8_quarter of {classes} classes and {channels} channel\(s\)\. Delete"
    with pytest.raises(BadInputError, match=sentence):
        TrainedModel.load(path, settings(classes=classes), channels, CPU)
