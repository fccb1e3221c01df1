"""A network in torch, and the same in Flax with the same weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flax import nnx
from torch import nn

from common.models.flax.cifar_resnet import CifarResNet
from common.models.flax.res_mlp import ResMLP
from common.models.flax.transfer import from_torch
from common.models.flax.vision_transformer import VisionTransformer
from common.strict import BadInputError, StrictModel, suggest
from experiments.architecture_comparison.baselines import res_mlp, resnet, vit
from experiments.architecture_comparison.networks import fresh_network
from experiments.architecture_comparison.shapes import ImageShape

ARCHITECTURES = {"resnet": resnet, "vit": vit, "res_mlp": res_mlp}


def torch_network(architecture: str, settings: Mapping[str, Any], shape: ImageShape, seed: int) -> nn.Module:
    """Initialised by the seed alone; raises BadInputError for an architecture that Flax hasn't."""
    if architecture not in ARCHITECTURES:
        raise BadInputError(
            f"There is no architecture '{architecture}' in both frameworks."
            f"{suggest(architecture, ARCHITECTURES)}"
        )
    return fresh_network(
        ARCHITECTURES[architecture], {architecture: dict(settings)}, architecture, shape, seed
    )


def flax_twin(
    architecture: str, settings: Mapping[str, Any], shape: ImageShape, network: nn.Module
) -> nnx.Module:
    """The network in Flax, with `network`'s weights; raises BadInputError for a setting that Flax hasn't."""
    if shape.drop_path:
        raise BadInputError("Stochastic depth isn't written in Flax here; set the recipe's 'drop_path' to 0.")
    checked = ARCHITECTURES[architecture].Settings(**settings)
    twin = _FLAX[architecture](checked, shape)
    from_torch(network.state_dict(), twin)
    return twin


def _resnet(settings: Any, shape: ImageShape) -> nnx.Module:
    return CifarResNet(
        settings.depth, shape.classes, nnx.Rngs(0), settings.width, shape.channels, settings.stem_stride
    )


def _vit(settings: Any, shape: ImageShape) -> nnx.Module:
    if settings.pool != "token":
        raise BadInputError("The ViT in Flax classifies its class token; leave 'pool' out.")
    return VisionTransformer(
        shape.side, shape.channels, shape.classes, nnx.Rngs(0), **_sizes(settings, "heads")
    )


def _res_mlp(settings: Any, shape: ImageShape) -> nnx.Module:
    return ResMLP(shape.side, shape.channels, shape.classes, nnx.Rngs(0), **_sizes(settings, "scale"))


def _sizes(settings: StrictModel, own: str) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in ("patch", "width", "depth", "expansion", own)}


_FLAX: dict[str, Callable[[Any, ImageShape], nnx.Module]] = {
    "resnet": _resnet,
    "vit": _vit,
    "res_mlp": _res_mlp,
}
