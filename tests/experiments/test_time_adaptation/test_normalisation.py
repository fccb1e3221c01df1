from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from common.strict import BadInputError
from experiments.test_time_adaptation.normalisation import learnable, use_batch_statistics
from tests.experiments.test_time_adaptation.networks import batch, small_network


def test_statistics_are_those_of_the_batch() -> None:
    network, images = small_network(), batch()
    with torch.no_grad():
        planes = network.convolution(images)
        normalised = F.batch_norm(
            planes, None, None, network.norm.weight, network.norm.bias, training=True, eps=network.norm.eps
        )
        expected = network.classifier(torch.relu(normalised).mean(dim=(2, 3)))  # dropout left out
        source = network(images)
        use_batch_statistics(network)
        assert torch.equal(network(images), expected)
    assert not torch.allclose(source, expected, atol=1e-2)


@pytest.mark.parametrize("mode", [True, False])
def test_no_later_mode_brings_the_source_statistics_back(mode: bool) -> None:
    network, images = small_network(), batch()
    use_batch_statistics(network)
    network.dropout.p = 0.0
    with torch.no_grad():
        before = network(images)
        assert torch.equal(network.train(mode)(images), before)


def test_dropout_stays_off() -> None:
    network = small_network()
    use_batch_statistics(network)
    assert not network.dropout.training
    assert torch.equal(network(batch()), network(batch()))


def test_an_image_means_something_else_in_another_batch() -> None:
    network, images = small_network(), batch(count=8)
    with torch.no_grad():
        torch.testing.assert_close(network(images)[:4], network(images[:4]))
        use_batch_statistics(network)
        assert not torch.allclose(network(images)[:4], network(images[:4]), atol=1e-3)


def names(network: nn.Module) -> set[str]:
    return {name for name, parameter in network.named_parameters() if parameter.requires_grad}


@pytest.mark.parametrize(
    ("adapted", "expected"),
    [
        ("nothing", set()),
        ("affine", {"norm.weight", "norm.bias"}),
        ("classifier", {"classifier.weight", "classifier.bias"}),
        (
            "all",
            {
                "convolution.weight",
                "convolution.bias",
                "norm.weight",
                "norm.bias",
                "classifier.weight",
                "classifier.bias",
            },
        ),
    ],
)
@pytest.mark.parametrize(
    "normalisation",
    [nn.BatchNorm2d(4), nn.GroupNorm(2, 4), nn.LayerNorm([4, 5, 5])],
    ids=lambda n: type(n).__name__,
)
def test_what_learns(adapted: str, expected: set[str], normalisation: nn.Module) -> None:
    network = small_network(normalisation)
    chosen = learnable(network, adapted)  # type: ignore[arg-type]
    assert names(network) == expected
    assert {id(p) for p in chosen} == {id(p) for p in network.parameters() if p.requires_grad}
    assert len(chosen) == len(expected)


def test_without_normalisation_there_is_nothing_affine() -> None:
    with pytest.raises(BadInputError, match="no parameters of the kind 'affine'"):
        learnable(small_network(nn.Identity()), "affine")


def test_normalisation_without_scale_and_shift_has_nothing_affine() -> None:
    with pytest.raises(BadInputError, match="no parameters of the kind 'affine'"):
        learnable(small_network(nn.BatchNorm2d(4, affine=False)), "affine")


def test_without_a_linear_layer_the_affine_parameters_still_adapt() -> None:
    network = nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2))
    assert len(learnable(network, "affine")) == 2
    with pytest.raises(BadInputError, match="no parameters of the kind 'classifier'"):
        learnable(network, "classifier")
