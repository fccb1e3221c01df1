"""What makes a GPU wait or a network compile twice, checked without a GPU.

The `meta` device stands in for one: its memory can't be read either, so whatever copies to it, or asks
for a value of it, is seen by a dispatch mode.
"""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from common.models.registry import small_image_network
from common.training.descent import Descent
from common.training.device import place
from common.training.image_set import Batch, ImageSet
from common.training.images import Standardise
from common.training.settings import DescentSettings

READS = {torch.ops.aten._local_scalar_dense.default, torch.ops.aten.nonzero.default}
COPIES = {torch.ops.aten._to_copy.default: 0, torch.ops.aten.copy_.default: 1}  # and which is the source


class Waits(TorchDispatchMode):
    """Collects in `seen` the operations that a GPU's queue runs empty for; a value that is read is 0."""

    def __init__(self, seen: list[str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.seen = seen

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in READS:
            self.seen.append("read")
            return 0.0
        result = func(*args, **(kwargs or {}))
        if func in COPIES and result.device != args[COPIES[func]].device:
            self.seen.append("copy")
        return result


def image_set(count: int, margin: int, device: str) -> ImageSet:
    images = torch.zeros(count, 8, 8, 1, dtype=torch.uint8)
    standardise = Standardise(torch.zeros(1), torch.ones(1))  # its constants stay on the CPU
    return ImageSet(
        images.to(device), torch.zeros(count, dtype=torch.int64, device=device), standardise, margin
    )


def waits(batches: int, margin: int) -> list[str]:
    with torch.device("meta"):
        network = small_image_network("resnet8_quarter", 4, 1)
        correct = torch.zeros(4 * batches, dtype=torch.bool)

    def observe(batch: Batch, logits: Tensor, epoch: int) -> None:
        correct[batch.places] = logits.argmax(1) == batch.labels

    data = image_set(4 * batches, margin, "meta")
    settings = DescentSettings(epochs=2, batch_size=4, schedule="cosine")
    seen: list[str] = []
    with Waits(seen):
        Descent(network, settings, 0.1, observe=observe).run(data, torch.Generator().manual_seed(0))
    return seen


@pytest.mark.parametrize("margin", [0, 2])
def test_a_gpu_is_waited_for_at_the_ends_of_an_epoch_alone(margin: int) -> None:
    """Mean, deviation, order (and three numbers per crop) go there; the loss comes back."""
    epoch = ["copy"] * (6 if margin else 3) + ["read"]
    assert waits(1, margin) == epoch * 2
    assert waits(5, margin) == epoch * 2


def test_waits_are_seen() -> None:
    """The check itself: what it must not miss."""
    on_device = torch.zeros(3, device="meta")
    seen: list[str] = []
    with Waits(seen):
        torch.zeros(3).to("meta")
        on_device.copy_(torch.zeros(3))
        on_device.to(torch.float64)
        on_device.sum().item()
    assert seen == ["copy", "copy", "read"]


def test_gradients_lie_in_memory_as_their_parameters_do() -> None:
    """Otherwise every step of the optimiser would be an operation for each of them, not one for all."""
    network = place(small_image_network("resnet18", 4, 1), torch.device("cpu"))
    images = torch.zeros(2, 8, 8, 1).permute(0, 3, 1, 2)
    parameters = list(network.parameters())
    for gradient, parameter in zip(
        torch.autograd.grad(network(images).sum(), parameters), parameters, strict=True
    ):
        assert gradient.stride() == parameter.stride()


@pytest.fixture
def graphs(monkeypatch: pytest.MonkeyPatch) -> Any:
    """How many graphs were compiled so far; without code generation, which doesn't matter here."""
    from torch._dynamo import reset
    from torch._dynamo.utils import counters

    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="aot_eager"))
    reset()
    counters.clear()
    yield lambda: counters["stats"]["unique_graphs"]
    reset()


def trained(network: nn.Module, count: int, compiled: bool) -> list[float]:
    labels = torch.arange(count) % 4
    images = (labels * 60).to(torch.uint8)[:, None, None, None].expand(-1, 8, 8, 1).contiguous()
    data = ImageSet(images, labels, Standardise.of(images))
    settings = DescentSettings(epochs=2, batch_size=8, compiled=compiled, precision="bfloat16")
    return Descent(network, settings, 0.1).run(data, torch.Generator().manual_seed(0))


@pytest.mark.slow
def test_a_network_is_compiled_once_for_all_its_copies_and_sizes_of_sets(graphs: Any) -> None:
    """A smaller last batch runs uncompiled, so that each forget set doesn't cost a compilation."""
    first, second = (small_image_network("resnet8_quarter", 4, 1) for _ in range(2))
    plain = trained(copy.deepcopy(first), 29, compiled=False)
    assert trained(copy.deepcopy(first), 29, compiled=True) == pytest.approx(plain, abs=0.02)
    for network, count in ((first, 29), (second, 21), (copy.deepcopy(first), 16), (second, 5)):
        trained(network, count, compiled=True)
    assert graphs() == 1
