"""The names of the corruptions, in the order in which the literature runs and reports them."""

from __future__ import annotations

CORRUPTIONS = (
    "gaussian_noise",
    "shot_noise",
    "impulse_noise",
    "defocus_blur",
    "glass_blur",
    "motion_blur",
    "zoom_blur",
    "snow",
    "frost",
    "fog",
    "brightness",
    "contrast",
    "elastic_transform",
    "pixelate",
    "jpeg_compression",
)
"""The fifteen that are evaluated."""

DEVELOPMENT_CORRUPTIONS = ("speckle_noise", "gaussian_blur", "spatter", "saturate")
"""The four kept apart for choosing settings, so that the fifteen stay unseen."""

ALL_CORRUPTIONS = CORRUPTIONS + DEVELOPMENT_CORRUPTIONS

SEVERITIES = (1, 2, 3, 4, 5)
