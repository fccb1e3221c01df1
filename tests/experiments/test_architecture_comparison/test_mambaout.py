"""MambaOut: our block beside timm's, the state space beside its recurrence, and which tokens a mixer sees."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml
from torch import Tensor, nn

from common.strict import BadInputError
from experiments.architecture_comparison.cost import multiply_adds, parameter_count
from experiments.architecture_comparison.mambaout.block import GatedBlock
from experiments.architecture_comparison.mambaout.methods import gated_network, mambaout, masked_vit
from experiments.architecture_comparison.mambaout.mixers import MIXERS, DepthwiseConvolution
from experiments.architecture_comparison.mambaout.state_space import DiagonalStateSpace
from experiments.architecture_comparison.shapes import ImageShape
from tests.experiments.test_architecture_comparison.project import TRACK, cifar100_folder, project

SHAPE = ImageShape(channels=3, side=16, classes=10)
FULL = yaml.safe_load((TRACK / "mambaout/config.yaml").read_text())["scales"]["full"]["steps"]
CAUSAL = ("causal_convolution", "state_space", "selective_state_space", "causal_attention")


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def built(**changes: object) -> nn.Module:
    torch.manual_seed(0)
    settings: dict[str, object] = {"patch": 4, "width": 16, "depth": 2, "mixer": "depthwise_7"}
    return gated_network.build(gated_network.Settings.model_validate(settings | changes), SHAPE).eval()


@pytest.mark.parametrize("kernel", [7, 3])
def test_with_timm_s_weights_our_block_is_timm_s(kernel: int) -> None:
    from timm.models.mambaout import GatedConvBlock

    torch.manual_seed(0)
    theirs = GatedConvBlock(20, kernel_size=kernel)
    ours = GatedBlock(20, DepthwiseConvolution(20, kernel))
    names = {"fc1": "expand", "fc2": "contract", "conv.": "mixer.convolution."}
    state = {}
    for name, value in theirs.state_dict().items():
        for other, own in names.items():
            name = name.replace(other, own)
        state[name] = value
    ours.load_state_dict(state)
    maps = noise(2, 5, 6, 20)
    assert torch.allclose(ours(maps), theirs(maps), atol=1e-6)


def test_femto_has_the_paper_s_size() -> None:
    """7.3 M parameters, and 1.2 G multiply-adds at 224 pixels; the committed network but for its strides."""
    given = FULL["imagenet"]["methods"]["mambaout"]["networks"]["femto"] | {"stem_strides": [2, 2]}
    shape = ImageShape(3, 224, 1000)
    network = mambaout.build(mambaout.Settings.model_validate(given), shape)
    assert round(parameter_count(network) / 1e6, 1) == 7.3
    assert round(multiply_adds(network, shape) / 1e9, 2) == 1.15


def test_sizes_of_the_sheet_at_32_pixels() -> None:
    """Depths 2, 2, 4, 2 and widths 32, 64, 96, 128: .95 M parameters."""
    settings = mambaout.Settings(depths=[2, 2, 4, 2], widths=[32, 64, 96, 128])
    network = mambaout.build(settings, ImageShape(3, 32, 10))
    assert round(parameter_count(network) / 1e6, 2) == 0.95
    assert round(multiply_adds(network, ImageShape(3, 32, 10)) / 1e6, 1) == 5.0


def test_strides_of_the_stem_make_larger_maps() -> None:
    costs = []
    for strides in ((2, 2), (1, 2), (1, 1)):
        settings = mambaout.Settings(depths=[1, 1], widths=[8, 16], stem_strides=strides)
        costs.append(multiply_adds(mambaout.build(settings, SHAPE), SHAPE))
    assert costs == sorted(costs)
    assert costs[-1] > 8 * costs[0]


def test_the_state_space_is_its_recurrence() -> None:
    torch.manual_seed(0)
    layer = DiagonalStateSpace(channels=5, states=4)
    tokens = noise(2, 50, 5)
    assert torch.allclose(layer(tokens), layer.recurrence(tokens), atol=1e-4)


def test_one_state_by_hand() -> None:
    """A = -1/2 and C = 1: an echo 2 exp(-t/2 dt) of a pulse, with a zero-order hold's gain."""
    layer = DiagonalStateSpace(channels=1, states=1)
    with torch.no_grad():
        layer.log_step.fill_(0.0)
        layer.readout.copy_(torch.tensor([[[1.0, 0.0]]]))
        layer.skip.zero_()
    pulse = torch.zeros(1, 6, 1)
    pulse[0, 0, 0] = 1.0
    gain = (1 - torch.tensor(-0.5).exp()) / 0.5
    expected = 2 * gain * torch.exp(-0.5 * torch.arange(6))
    assert torch.allclose(layer(pulse)[0, :, 0], expected, atol=1e-6)


def test_the_last_token_does_not_come_round_to_the_first() -> None:
    torch.manual_seed(0)
    layer = DiagonalStateSpace(channels=3, states=2)
    tokens = noise(1, 12, 3)
    changed = tokens.clone()
    changed[:, -1] += 10
    assert torch.allclose(layer(tokens)[:, :-1], layer(changed)[:, :-1], atol=1e-5)


@pytest.mark.parametrize("name", sorted(MIXERS))
def test_which_tokens_a_mixer_sees(name: str) -> None:
    """Causal ones none that come later, row by row; the identity itself alone; others some on either side."""
    torch.manual_seed(0)
    mixer = MIXERS[name](16).eval()
    maps = noise(1, 4, 4, 16)
    changed = maps.clone()
    changed[0, 1, 2] += 1.0  # the seventh token
    moved = (mixer(changed) - mixer(maps))[0].abs().sum(-1).flatten() > 1e-5
    places = moved.nonzero().flatten().tolist()
    assert 6 in places
    if name == "identity":
        assert places == [6]
    elif name in CAUSAL:
        assert places[0] == 6
        assert len(places) > 1
    else:
        assert places[0] < 6 < places[-1]


@pytest.mark.parametrize("name", sorted(MIXERS))
def test_every_mixer_keeps_the_shape_and_learns(name: str) -> None:
    network = built(mixer=name).train()
    logits = network(noise(4, 3, 16, 16))
    assert logits.shape == (4, 10)
    logits.square().sum().backward()
    assert all(
        parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in network.parameters()
    )


def test_without_positions_and_mixer_places_do_not_matter() -> None:
    network = built(mixer="identity", position="none")
    images = noise(2, 3, 16, 16)
    assert torch.allclose(network(images), network(images.roll(4, dims=3)), atol=1e-5)
    with_conv = built(position="none")
    for module in with_conv.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.normal_(module.weight)  # as initialised, a kernel hardly shows
    assert not torch.allclose(with_conv(images), with_conv(images.roll(4, dims=3)), atol=1e-5)


def test_a_causal_mask_hides_later_tokens_from_the_first() -> None:
    """Of a ViT's tokens after its blocks; the same weights without the mask see everything."""
    seen = {}
    for causal in (True, False):
        torch.manual_seed(0)
        settings = masked_vit.Settings(patch=4, width=16, depth=2, heads=2, causal=causal)
        network = masked_vit.build(settings, SHAPE).eval()
        assert isinstance(network, masked_vit.MaskedViT)
        images = noise(1, 3, 16, 16)
        changed = images.clone()
        changed[..., 12:, 12:] += 1.0  # the last patch
        before, after = (network.network.forward_features(x, is_causal=causal) for x in (images, changed))  # type: ignore[operator]
        seen[causal] = ((after - before).abs().sum(-1) > 1e-5)[0].tolist()
        assert network(images).shape == (1, 10)
    assert seen[True] == [False] * 15 + [True]
    assert seen[False] == [True] * 16


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"patch": 5}, "16 pixels can't be cut into patches of 5; set 'patch' to one of"),
        ({"mixer": "attention", "width": 20}, "width of 20 can't be split into heads of 8"),
    ],
)
def test_what_does_not_divide_is_refused(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        built(**changes)


def test_stages_that_cannot_be() -> None:
    with pytest.raises(BadInputError, match="2 'depths' and 1 'widths'; give each stage one"):
        mambaout.build(mambaout.Settings(depths=[1, 1], widths=[8]), SHAPE)
    with pytest.raises(BadInputError, match="reduce a side by 32, and images have 16 pixels"):
        mambaout.build(mambaout.Settings(depths=[1] * 4, widths=[8] * 4), SHAPE)


def test_the_imagenet_recipe_is_the_paper_s() -> None:
    settings = FULL["imagenet"]["settings"]
    recipe = settings["recipe"]
    assert settings["learning_rate"] == pytest.approx(1e-3 * recipe["batch_size"] / 1024, rel=0.03)
    assert (recipe["epochs"], recipe["batch_size"], recipe["weight_decay"]) == (300, 4096, 0.05)
    assert (recipe["mixup"], recipe["cutmix"], recipe["erasing"]) == (0.8, 1.0, 0.25)
    assert (recipe["label_smoothing"], recipe["drop_path"], recipe["random_augment"]) == (0.1, 0.025, True)
    assert round(300 * recipe["warm_up"]) == 20


@pytest.mark.slow
def test_femto_is_trained_on_images_from_a_folder(tmp_path: Path) -> None:
    folder = cifar100_folder(tmp_path / "imagenet")
    (record,) = project(tmp_path, "mambaout", "full").run("imagenet", "mambaout", imagenet=folder)
    assert record.protocol["batch_size"] == 4096
    assert record.protocol["drop_path"] == 0.025


@pytest.mark.slow
@pytest.mark.parametrize("method", ["gated_network", "mambaout", "masked_vit"])
def test_networks_of_full_size_are_tuned_and_compared(tmp_path: Path, method: str) -> None:
    study = project(tmp_path, "mambaout", "full")
    study.run("tuning", method)
    records = study.run("comparison", method)
    assert {record.protocol["side"] for record in records} == {32}


@pytest.mark.slow
def test_pixels_one_by_one(tmp_path: Path) -> None:
    study = project(tmp_path, "mambaout", "quick")
    study.run("tuning_long", "gated_network")
    records = study.run("comparison_long", "gated_network")
    assert {record.protocol["side"] for record in records} == {14}
    assert {str(record.condition["network"]) for record in records} == {
        "state_space",
        "selective_state_space",
        "causal_convolution",
        "identity",
    }
