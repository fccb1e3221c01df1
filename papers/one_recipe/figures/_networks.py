"""Labels, looks and order of the networks in the figures."""

from __future__ import annotations

from typing import Any

LABELS = {
    "resnet": "ResNet",
    "convnext": "ConvNeXt",
    "simplenet": "SimpleNet",
    "mambaout": "MambaOut",
    "vit": "ViT",
    "dhvt": "DHVT",
    "tnt": "TNT",
    "crossvit": "CrossViT",
    "volo": "VOLO",
    "res_mlp": "ResMLP",
}
COLOURS = 7  # that the figures' cycle has
CONVOLUTIONAL = {"resnet", "convnext", "simplenet", "mambaout"}

Row = dict[str, str | int | float | bool | None]


def look(network: str) -> dict[str, Any]:
    """Colour and mark: convolutional networks are squares, ResMLP is a triangle, transformers are dots."""
    place = list(LABELS).index(network)
    mark = "s" if network in CONVOLUTIONAL else "^" if network == "res_mlp" else "o"
    return {"color": f"C{place % COLOURS}", "marker": mark}


def dashes(network: str) -> str:
    """The style of a network's line: dashed where colours come round again."""
    return "-" if list(LABELS).index(network) < COLOURS else "--"
