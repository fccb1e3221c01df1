"""DHVT's parts, beside timm's ViT, the authors' sizes, and sums worked out by hand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.strict import BadInputError
from experiments.architecture_comparison.baselines import vit
from experiments.architecture_comparison.cost import multiply_adds, parameter_count
from experiments.architecture_comparison.dhvt.attention import HeadInteractedAttention
from experiments.architecture_comparison.dhvt.embedding import ChannelAffine, overlapping_embedding
from experiments.architecture_comparison.dhvt.feed_forward import AggregatingFeedForward
from experiments.architecture_comparison.dhvt.methods import dhvt
from experiments.architecture_comparison.shapes import ImageShape

SMALL = ImageShape(channels=3, side=16, classes=10)
CIFAR100 = ImageShape(channels=3, side=32, classes=100)
SIZE = {"patch": 4, "width": 24, "depth": 2, "heads": 4}
PLAIN = {"sope": False, "daff": False, "head_tokens": False, "position": "absolute"}


def built(**changes: object) -> nn.Module:
    torch.manual_seed(0)
    return dhvt.build(dhvt.Settings.model_validate(SIZE | changes), SMALL).eval()


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    ("size", "millions", "multiply_add_millions"),
    [
        ({"patch": 4, "width": 192, "heads": 4}, 6.01, 366),
        ({"patch": 4, "width": 384, "heads": 8}, 23.43, 1480),
        ({"patch": 2, "width": 192, "heads": 4}, 5.85, 1391),
    ],
)
def test_sizes_are_those_of_the_official_code(
    size: dict[str, int], millions: float, multiply_add_millions: int
) -> None:
    network = dhvt.build(dhvt.Settings.model_validate({"depth": 12} | size), CIFAR100)
    assert round(parameter_count(network) / 1e6, 2) == millions
    tokens = (32 // size["patch"]) ** 2 + 1 + size["heads"]
    products = 12 * 2 * tokens**2 * size["width"]  # of attention, which that count left out
    assert round((multiply_adds(network, CIFAR100) - products) / 1e6) == multiply_add_millions


def test_without_its_parts_it_is_timm_s_vit() -> None:
    """Weights copied over, logits agree to rounding."""
    ours = built(**PLAIN)
    theirs = vit.build(vit.Settings.model_validate(SIZE), SMALL).eval()
    names = {
        "embedding.": "patch_embed.proj.",
        "class_token": "cls_token",
        "position": "pos_embed",
        "attention_norm": "norm1",
        "attention.queries_keys_values": "attn.qkv",
        "attention.mix": "attn.proj",
        "feed_forward_norm": "norm2",
        "feed_forward.0": "mlp.fc1",
        "feed_forward.2": "mlp.fc2",
        "classifier": "head",
    }
    state = {}
    for name, value in ours.state_dict().items():
        for own, other in names.items():
            name = name.replace(own, other)
        state[name] = value
    theirs.load_state_dict(state)
    images = noise(3, 3, 16, 16)
    assert torch.allclose(ours(images), theirs(images), atol=1e-5)


@pytest.mark.parametrize("part", ["sope", "daff", "head_tokens"])
def test_each_part_changes_the_network_and_all_of_it_learns(part: str) -> None:
    network = built(**(PLAIN | {part: True})).train()
    logits = network(noise(4, 3, 16, 16))
    assert logits.shape == (4, 10)
    logits.square().sum().backward()
    assert all(
        parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in network.parameters()
    )


def test_the_affine_is_the_identity_at_first() -> None:
    maps = noise(2, 5, 4, 4)
    affine = ChannelAffine(5)
    assert torch.equal(affine(maps), maps)
    with torch.no_grad():
        affine.alpha[1], affine.beta[1] = 2.0, -1.0
    assert torch.allclose(affine(maps)[:, 1], 2 * maps[:, 1] - 1)


@pytest.mark.parametrize(("patch", "kinds"), [(2, 1), (4, 1), (8, 2)])
def test_overlapping_patches_halve_again_and_again(patch: int, kinds: int) -> None:
    """One GELU fewer than convolutions, but for patches of 2; widths double."""
    layers = overlapping_embedding(3, patch, 32)
    assert layers(noise(2, 3, 16, 16)).shape == (2, 32, 16 // patch, 16 // patch)
    assert sum(isinstance(layer, nn.GELU) for layer in layers) == kinds
    widths = [layer.out_channels for layer in layers if isinstance(layer, nn.Conv2d)]
    assert widths == [32 >> step for step in reversed(range(len(widths)))]


@pytest.mark.parametrize("patch", [0, 1, 3, 6])
def test_overlapping_patches_are_powers_of_two(patch: int) -> None:
    with pytest.raises(BadInputError, match=f"must be a power of two, not {patch}"):
        overlapping_embedding(3, patch, 32)


def test_the_class_token_is_scaled_by_what_the_patches_became() -> None:
    layer = AggregatingFeedForward(8, 4).eval()
    tokens = noise(2, 1 + 9, 8)
    out = layer(tokens)
    first, _, second = layer.excite
    assert isinstance(first, nn.Linear)
    assert isinstance(second, nn.Linear)
    scale = second(F.gelu(first(out[:, 1:].mean(dim=1))))
    assert torch.allclose(out[:, 0], tokens[:, 0] * scale, atol=1e-6)


def test_the_hidden_map_has_a_shortcut_around_its_neighbours() -> None:
    """With the depth-wise kernel at zero, what is left is the feed-forward by itself."""
    layer = AggregatingFeedForward(8, 4).eval()
    nn.init.zeros_(layer.neighbours[0].weight)  # type: ignore[arg-type]
    nn.init.zeros_(layer.neighbours[0].bias)  # type: ignore[arg-type]
    tokens = noise(2, 1 + 9, 8)
    maps = tokens[:, 1:].transpose(1, 2).reshape(2, 8, 3, 3)
    alone = layer.contract(layer.expand(maps)).flatten(2).transpose(1, 2)
    assert torch.allclose(layer(tokens)[:, 1:], alone, atol=1e-6)


def test_patches_see_their_neighbours_and_no_others() -> None:
    layer = AggregatingFeedForward(8, 4).eval()
    tokens = noise(1, 1 + 25, 8)
    changed = tokens.clone()
    changed[:, 1] += 1.0  # the corner
    moved = (layer(changed) - layer(tokens))[0, 1:].abs().sum(dim=1).view(5, 5) > 1e-6
    assert moved.nonzero().tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_head_tokens_by_hand() -> None:
    """Two heads of two channels: slices' means, projected, each slice normalised, GELU, embedded."""
    layer = HeadInteractedAttention(4, 2, interacting=True)
    tokens = noise(1, 3, 4)
    means = [tokens[0, :, :2].mean(dim=0), tokens[0, :, 2:].mean(dim=0)]
    for head, mean in enumerate(means):
        projected = layer.project.weight @ mean + layer.project.bias
        halves = [F.gelu(F.layer_norm(half, (2,))) for half in projected.split(2)]
        expected = torch.cat(halves) + layer.head_token[0, head]
        assert torch.allclose(layer.head_tokens(tokens)[0, head], expected, atol=1e-5)


def test_head_tokens_go_and_their_mean_stays_in_the_class_token() -> None:
    layer = HeadInteractedAttention(8, 2, interacting=True)
    tokens = noise(2, 5, 8)
    whole = layer._attend(torch.cat([tokens, layer.head_tokens(tokens)], dim=1))
    out = layer(tokens)
    assert out.shape == tokens.shape
    assert torch.allclose(out[:, 1:], whole[:, 1:5])
    assert torch.allclose(out[:, 0], whole[:, 0] + (whole[:, 5] + whole[:, 6]) / 2, atol=1e-6)


@pytest.mark.parametrize("interacting", [False, True])
def test_attention_does_not_know_the_order_of_patches(interacting: bool) -> None:
    layer = HeadInteractedAttention(8, 2, interacting)
    tokens = noise(2, 7, 8)
    order = torch.tensor([0, 3, 1, 6, 2, 5, 4])
    assert torch.allclose(layer(tokens)[:, order], layer(tokens[:, order]), atol=1e-5)


def test_what_does_not_divide_is_refused() -> None:
    with pytest.raises(
        BadInputError, match=r"16 pixels can't be cut into patches of 5; set 'patch' to one of"
    ):
        built(patch=5)
    with pytest.raises(BadInputError, match="width of 24 can't be split into 7 heads"):
        built(heads=7)
