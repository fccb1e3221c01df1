"""The selective state space: its chunks are its recurrence, and limits in which it is something known."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from common.strict import BadInputError
from experiments.architecture_comparison.mambaout.selective_state_space import SelectiveStateSpace


def layer_of(channels: int = 6, states: int = 4, head_width: int = 3, chunk: int = 5) -> SelectiveStateSpace:
    torch.manual_seed(0)
    return SelectiveStateSpace(channels, states, head_width, chunk).double()


def noise(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("count", [1, 3, 5, 6, 20, 23])
def test_chunks_of_any_number_are_the_recurrence(count: int) -> None:
    layer, tokens = layer_of(), noise(2, count, 6)
    assert layer(tokens).shape == tokens.shape
    torch.testing.assert_close(layer(tokens), layer.recurrence(tokens), rtol=1e-10, atol=1e-12)


def test_neither_result_nor_gradient_hangs_on_the_chunk() -> None:
    tokens = noise(2, 17, 6)
    found = []
    for chunk in (1, 4, 17, 64):
        layer, asked = layer_of(chunk=chunk), tokens.clone().requires_grad_()
        layer(asked).square().sum().backward()
        assert asked.grad is not None
        found.append([asked.grad, *(parameter.grad for parameter in layer.parameters())])
    for gradients in found[1:]:
        for one, other in zip(found[0], gradients, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-8, atol=1e-10)


def test_one_state_by_hand() -> None:
    """dt = ln 2, A = -1, B = x, C = 1, D = 0: half is kept, ln 2 x^2 is added: 4, 1, 0 -> 16, 9, 4.5 ln 2."""
    layer = layer_of(channels=1, states=1, head_width=1, chunk=2)
    with torch.no_grad():
        layer.select.weight.copy_(torch.tensor([[1.0], [0.0], [0.0]]))
        layer.step_bias.zero_()  # softplus(0) = ln 2
        layer.log_decay.zero_()
        layer.skip.zero_()
        layer.select = WithReadoutOne(layer.select)  # type: ignore[assignment]
    seen = layer(torch.tensor([4.0, 1.0, 0.0], dtype=torch.float64)[None, :, None])[0, :, 0]
    expected = math.log(2) * torch.tensor([16.0, 9.0, 4.5], dtype=torch.float64)
    torch.testing.assert_close(seen, expected)


class WithReadoutOne(torch.nn.Module):
    """B as selected, C = 1, and nothing added to the step."""

    def __init__(self, select: torch.nn.Module) -> None:
        super().__init__()
        self.select = select

    def forward(self, tokens: Tensor) -> Tensor:
        selected: Tensor = self.select(tokens)
        return torch.cat([selected[..., :1], torch.ones_like(selected[..., :1]), selected[..., 2:]], dim=-1)


def test_without_selection_it_is_a_convolution() -> None:
    """Where dt, B and C are those of all tokens: y = k * x with k_l = C.B dt exp(l dt A), and D at l = 0."""
    layer, tokens = layer_of(), noise(1, 12, 6)
    constant = noise(10, seed=2)
    layer.select = Constant(constant)  # type: ignore[assignment]
    inputs, readouts, steps = constant.split((4, 4, 2))
    step = F.softplus(steps + layer.step_bias)
    distance = torch.arange(12)[:, None] - torch.arange(12)[None]
    for head in range(2):
        echo = (inputs @ readouts) * step[head] * (-distance * step[head] * layer.log_decay[head].exp()).exp()
        kernel = echo.tril() + layer.skip[head] * torch.eye(12)
        own = slice(3 * head, 3 * head + 3)
        torch.testing.assert_close(layer(tokens)[0, :, own], kernel @ tokens[0, :, own])


class Constant(torch.nn.Module):
    """The same for every token."""

    def __init__(self, values: Tensor) -> None:
        super().__init__()
        self.values = values

    def forward(self, tokens: Tensor) -> Tensor:
        return self.values.expand(*tokens.shape[:2], -1)


def test_no_token_is_seen_by_those_before_it() -> None:
    layer, tokens = layer_of(), noise(1, 13, 6)
    changed = tokens.clone()
    changed[0, 7] += 1
    moved = (layer(changed) - layer(tokens))[0].abs().sum(dim=1) > 0
    assert moved.nonzero().flatten().tolist() == list(range(7, 13))


def test_long_steps_forget_and_do_not_overflow() -> None:
    """exp of the time between a token and a later one would be infinite, were it not masked first."""
    layer, tokens = layer_of(chunk=64).float(), noise(1, 200, 6).float()
    with torch.no_grad():
        layer.log_decay.fill_(8.0)
    tokens.requires_grad_()
    seen = layer(tokens)
    seen.sum().backward()
    assert seen.isfinite().all()
    assert tokens.grad is not None
    assert tokens.grad.isfinite().all()


def test_steps_begin_where_mamba_has_them() -> None:
    torch.manual_seed(0)
    layer = SelectiveStateSpace(4096, 4, 1)
    steps, decays = F.softplus(layer.step_bias).detach(), layer.log_decay.detach().exp()
    assert 0.001 <= float(steps.min()) < 0.0011
    assert 0.09 < float(steps.max()) <= 0.1001
    assert 1 <= float(decays.min()) < 1.1
    assert 15.9 < float(decays.max()) <= 16


def test_heads_that_do_not_divide_the_channels_are_refused() -> None:
    with pytest.raises(BadInputError, match="Heads of 8 channels don't divide 20"):
        SelectiveStateSpace(20, 4, 8)
