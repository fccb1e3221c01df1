"""Methods and corruptions as figures show them, in the order of the main table."""

from __future__ import annotations

METHODS = {
    "source": "Source",
    "bn_adapt": "BN adapt",
    "bn_prior": "BN adapt, prior 16",
    "t3a": "T3A",
    "lame": "LAME",
    "tent": "TENT",
    "hard_pl": "Hard pseudo-labels",
    "soft_pl": "Soft pseudo-labels",
    "rpl": "RPL",
    "shot_im": "SHOT-IM",
    "eata": "EATA",
    "sar": "SAR",
    "cotta": "CoTTA",
    "rotta": "RoTTA",
    "delta": "DELTA",
    "cafa": "CAFA",
}

CORRUPTIONS = {
    "gaussian_noise": "gauss",
    "shot_noise": "shot",
    "impulse_noise": "imp",
    "defocus_blur": "defoc",
    "glass_blur": "glass",
    "motion_blur": "motion",
    "zoom_blur": "zoom",
    "snow": "snow",
    "frost": "frost",
    "fog": "fog",
    "brightness": "bright",
    "contrast": "contr",
    "elastic_transform": "elast",
    "pixelate": "pixel",
    "jpeg_compression": "jpeg",
}

Row = dict[str, str | int | float | bool | None]


def style(method: str) -> dict[str, str]:
    """The source network is a dashed black line, each other method a colour of its own."""
    if method == "source":
        return {"color": "black", "ls": "--"}
    return {"color": f"C{list(METHODS).index(method) % 10}"}
