"""A root with a table of ten classes in place of the digits, and jobs on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from common.data.prepare import write_prepared
from common.runs.job import Job

METHODS: dict[str, dict[str, Any]] = {
    "k_means": {"kind": "k_means"},
    "ncd_k_means": {"kind": "ncd_k_means"},
    "spectral_clustering": {"kind": "spectral_clustering"},
    "ncd_spectral_clustering": {"kind": "ncd_spectral_clustering", "labelled_rows": 30, "context_rows": 5},
    "pbn": {"kind": "pbn"},
    "baseline": {"kind": "baseline"},
    "tabular_ncd": {"kind": "tabular_ncd"},
}
for name in METHODS:
    METHODS[name] |= {
        "training": {"epochs": 1, "batch_size": 32, "pretraining_epochs": 1, "queue": 8},
        "estimation": {"most": 6, "runs": 1},
    }


def digits(count: int = 240, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Bytes `[count, 8, 8]` around a centre per class, and labels."""
    labels = np.arange(count, dtype=np.int64) % 10
    centres = np.random.default_rng(0).integers(2, 14, (10, 8, 8))
    noise = np.random.default_rng(seed).integers(-2, 3, (count, 8, 8))
    return np.clip(centres[labels] + noise, 0, 16).astype(np.uint8), labels


def make_root(folder: Path, images: np.ndarray | None = None, labels: np.ndarray | None = None) -> Path:
    usual, classes = digits()
    arrays = [
        ("images", usual if images is None else images),
        ("labels", classes if labels is None else labels),
    ]
    write_prepared("digits", arrays, folder, {})
    return folder


def job(root: Path, settings: Any, conditions: list[dict[str, Any]], **changes: Any) -> Job[Any]:
    facts: dict[str, Any] = {
        "track": "novel_class_discovery",
        "paper": "tabular_ncd",
        "scale": "smoke",
        "step": "step",
        "method": "method",
        "seed": 0,
    }
    return Job(settings=settings, conditions=conditions, root=root, **(facts | changes))
