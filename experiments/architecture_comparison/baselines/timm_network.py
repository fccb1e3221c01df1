"""Any network that timm knows, freshly initialised, by its name and what its constructor takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from common.strict import BadInputError, StrictModel, suggest
from experiments.architecture_comparison.shapes import ImageShape

SIZE = "img_size"


class Settings(StrictModel):
    """What timm is asked for; classes, channels and stochastic depth are the images' and the recipe's.

    Attributes:
        name: of a model, such as `tnt_s_patch16_224`; or of a class of `timm.models`, such as `VOLO`, whose
            models fix sizes that the class takes.
        options: what else the model or class takes.
        sized: tell it the images' side, as all need that cut an image into patches.
    """

    name: str
    options: dict[str, Any] = {}
    sized: bool = True


def build(settings: Settings, shape: ImageShape) -> nn.Module:
    """A network without trained weights, tried on one image.

    Raises BadInputError for a name that timm lacks, for options that it refuses, and for images that don't
    fit the network.
    """
    _check_patches(settings.options, shape)
    options = {"num_classes": shape.classes, "in_chans": shape.channels, "drop_path_rate": shape.drop_path}
    if settings.sized:
        options[SIZE] = shape.side
    asked = {**options, **settings.options}
    try:
        network = _constructed(settings.name, asked)
        network.eval()
        with torch.no_grad(), torch.random.fork_rng():
            logits = network(torch.zeros(1, shape.channels, shape.side, shape.side))
    except BadInputError:
        raise
    except (TypeError, ValueError, AssertionError, RuntimeError, IndexError, ArithmeticError) as error:
        said = str(error).strip().splitlines()
        raise BadInputError(
            f"timm's '{settings.name}' can't be built for images of {shape.side} pixels with the options "
            f"{settings.options}: {said[0] if said else type(error).__name__}. Change its 'options', set "
            f"'sized' to {str(not settings.sized).lower()}, or take another network."
        ) from error
    if logits.shape != (1, shape.classes):
        raise BadInputError(
            f"timm's '{settings.name}' answers one image with {list(logits.shape)} numbers in place of "
            f"[1, {shape.classes}]; take a classifier."
        )
    return network.train()


def _check_patches(options: Mapping[str, Any], shape: ImageShape) -> None:
    """Some of timm's networks leave out the pixels that patches don't reach, and say nothing."""
    if set(options.get("img_scale", [1])) != {1}:
        return  # patches are of images that the network scales first
    patches = options.get("patch_size", [])
    for patch in patches if isinstance(patches, list) else [patches]:
        shape.patches(patch)


def _constructed(name: str, options: dict[str, Any]) -> nn.Module:
    """By timm's registry of models, or by the class; raises BadInputError where neither has the name."""
    import timm

    known = timm.list_models()
    if name in known:
        made: nn.Module = timm.create_model(name, pretrained=False, **options)
        return made
    classes = {
        key: value
        for key, value in vars(timm.models).items()
        if isinstance(value, type) and issubclass(value, nn.Module)
    }
    if name not in classes:
        raise BadInputError(f"timm has no network '{name}'.{suggest(name, [*known, *classes])}")
    found: nn.Module = classes[name](**options)
    return found
