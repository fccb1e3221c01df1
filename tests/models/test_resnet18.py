"""ResNet-18 for small images against torchvision's with the same change of its stem."""

from __future__ import annotations

import pytest
import torch
import torchvision
from torch import nn

from common.models.registry import SMALL_IMAGE_NETWORKS, small_image_network
from common.training.seeding import seeded_initialisation


def torchvisions(classes: int, channels: int) -> nn.Module:
    """A 3x3 stem of stride 1 and no max-pooling."""
    network: nn.Module = torchvision.models.resnet18(num_classes=classes)
    network.conv1 = nn.Conv2d(channels, 64, 3, stride=1, padding=1, bias=False)
    network.maxpool = nn.Identity()
    return network


def test_parameters_are_as_many_as_counted_elsewhere() -> None:
    """11,173,962: of the CIFAR ResNet-18 with ten classes that many repositories share."""
    with torch.device("meta"):
        ours, theirs = small_image_network("resnet18", 10), torchvisions(10, 3)
    for network in (ours, theirs):
        assert sum(parameter.numel() for parameter in network.parameters()) == 11_173_962


@pytest.mark.parametrize(("channels", "classes"), [(3, 10), (1, 4)])
def test_outputs_and_gradients_are_torchvisions_under_the_same_weights(channels: int, classes: int) -> None:
    with seeded_initialisation(0):
        ours, theirs = small_image_network("resnet18", classes, channels), torchvisions(classes, channels)
    values = list(ours.state_dict().values())
    theirs.load_state_dict(dict(zip(theirs.state_dict(), values, strict=True)))
    images = torch.randn(3, channels, 16, 16, generator=torch.Generator().manual_seed(0))
    for training in (True, False):  # the first pass moves the running statistics that the second uses
        torch.testing.assert_close(ours.train(training)(images), theirs.train(training)(images))
    first, second = (next(iter(network.parameters())) for network in (ours, theirs))
    for network in (ours, theirs):
        network(images).square().mean().backward()
    torch.testing.assert_close(first.grad, second.grad, rtol=1e-3, atol=1e-5)


def test_the_resolution_of_the_image_reaches_the_first_stage() -> None:
    with torch.device("meta"):
        network = small_image_network("resnet18", 10)
        stages = dict(network.body.named_children())  # type: ignore[union-attr]
        stem = stages["maxpool"](stages["conv1"](torch.empty(1, 3, 32, 32)))
        assert stages["layer1"](stem).shape == (1, 64, 32, 32)


def test_initial_weights_of_the_stem_have_the_spread_of_he_and_hang_on_the_seed() -> None:
    """Variance 2 / (64 output channels x 9): of every convolution, as torchvision draws them."""

    def weights(seed: int) -> torch.Tensor:
        with seeded_initialisation(seed):
            return next(small_image_network("resnet18", 10).parameters()).detach()

    first = weights(0)
    assert float(first.std()) == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.06)
    assert torch.equal(weights(0), first)
    assert not torch.equal(weights(1), first)


@pytest.mark.parametrize("name", SMALL_IMAGE_NETWORKS)
def test_every_network_takes_gray_images_and_offers_features_and_a_classifier(name: str) -> None:
    with torch.device("meta"):
        network = small_image_network(name, 7, channels=1).eval()
        images = torch.empty(2, 1, 28, 28)
        features = network.features(images)  # type: ignore[operator]
    assert isinstance(network.classifier, nn.Linear)
    assert features.shape == (2, network.classifier.in_features)
    assert network.classifier(features).shape == network(images).shape == (2, 7)
