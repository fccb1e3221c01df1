"""The network of discovery: cosines, how outputs are taken apart, and its prototypes."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from common.strict import BadInputError
from experiments.novel_class_discovery.network import DiscoveryNetwork, KnownClassifier, Prototypes


def network(heads: int = 2, novel: int = 4) -> DiscoveryNetwork:
    torch.manual_seed(0)
    return DiscoveryNetwork(KnownClassifier("resnet8_quarter", 3, 1), novel, heads, 16, 8).eval()


def test_outputs_are_cosines_of_each_part() -> None:
    net, images = network(), torch.randn(5, 1, 12, 12)
    found = net.outputs(net(images))
    assert (found.known.shape, found.novel.shape, found.features.shape) == ((5, 3), (2, 5, 4), (5, 64))
    assert torch.allclose(found.features, net.known.backbone(images))
    assert torch.allclose(found.known, F.normalize(found.features) @ net.known.prototypes.weight.T)
    assert torch.equal(found.known, net.known(images))
    for head, module in enumerate(net.heads):
        assert torch.allclose(found.novel[head], module(found.features))
    assert float(found.joint().detach().abs().max()) <= 1 + 1e-6
    assert torch.equal(found.joint()[1], torch.cat([found.known, found.novel[1]], dim=1))


def test_stacked_views_come_apart() -> None:
    net, images = network(), torch.randn(6, 1, 12, 12)
    first, second = net.outputs(net(images)).split(3)
    alone = net.outputs(net(images[3:]))
    assert first.novel.shape == (2, 3, 4)
    assert torch.allclose(second.joint(), alone.joint(), atol=1e-6)


def test_prototypes_go_back_to_the_unit_sphere() -> None:
    net = network()
    prototypes = [module.weight for module in net.modules() if isinstance(module, Prototypes)]
    assert len(prototypes) == 3
    for weight in prototypes:
        weight.data *= 3
    net.renew_prototypes()
    assert all(torch.allclose(weight.norm(dim=1), torch.ones(len(weight))) for weight in prototypes)


@pytest.mark.parametrize(("heads", "novel"), [(0, 4), (2, 0)])
def test_nothing_to_find_with_is_refused(heads: int, novel: int) -> None:
    with pytest.raises(BadInputError, match=f"{heads} heads of {novel} novel classes can find nothing"):
        network(heads, novel)
