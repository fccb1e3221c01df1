"""What a network costs: parameters, multiply-adds, and what a training step keeps in memory."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from experiments.architecture_comparison.shapes import ImageShape


def parameter_count(network: nn.Module) -> int:
    """Parameters that learn."""
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)


def multiply_adds(network: nn.Module, shape: ImageShape) -> int:
    """Of convolutions and matrix products, attention's included, in the forward pass of one image.

    Counted by torch.utils.flop_counter, which counts two operations for each. The network's mode is put back.
    """
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    training = network.training
    network.eval()
    counter = FlopCounterMode(display=False)
    # The counter doesn't know the processor's fused attention: in its plain form it is two matrix products.
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), counter:
        network(_image(network, shape, 1))
    network.train(training)
    return int(counter.get_total_flops()) // 2


def kept_mebibytes(network: nn.Module, shape: ImageShape, batch: int) -> float:
    """What the forward pass of a training step keeps for the backward one, without the parameters.

    Each piece of memory counts once. It grows with the batch, and is most of a step's peak; so it is measured
    with two images, as a whole batch of a network for a GPU might not fit here.
    """
    held: dict[int, int] = {}
    own = {parameter.untyped_storage().data_ptr() for parameter in network.parameters()}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            held[storage.data_ptr()] = storage.nbytes()
        return tensor.detach()  # a layer that kept its own output would never be freed

    state = {name: value.clone() for name, value in network.state_dict().items()}
    training = network.training
    network.train()
    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor), torch.random.fork_rng():
        logits = network(_image(network, shape, 2))
    del logits
    network.train(training)
    network.load_state_dict(state)  # batch statistics have moved
    return sum(held.values()) / 2 * batch / 2**20


def _image(network: nn.Module, shape: ImageShape, batch: int) -> Tensor:
    device = next(network.parameters()).device
    return torch.zeros(batch, shape.channels, shape.side, shape.side, device=device)
