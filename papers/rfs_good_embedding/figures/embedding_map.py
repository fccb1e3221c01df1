"""The figure of the novel classes in the embedding, before and after distillation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.records.collected import Line

TITLE = "Novel classes in the embedding, before and after distillation"
CAPTION = (
    "t-SNE of the features of images of the first seed's novel classes, divided by their length; a colour is "
    "a class that neither network was trained on. Distances between clusters, and the direction of the axes, "
    "mean nothing in such a map. The silhouette, from -1 to 1, is of the features themselves."
)
REPRODUCES = "no figure of the paper: a view of its embedding"
ALTERNATIVE = (
    "Two clouds of coloured points, one per embedding. The table below has how far classes are apart in each."
)

SIDE = 255  # of a map
PANELS = {"embedding": "classifier", "generation_2": "after two generations"}
MARKERS = "osD^vP*Xd<>"


def draw(collected: Sequence[Line], figure: Any) -> list[dict[str, str | int | float | bool | None]]:
    """One map for each embedding; the silhouettes are returned as rows."""
    panels = figure.subplots(1, len(PANELS))
    figure.set_size_inches(6.8, 3.5)
    rows: list[dict[str, str | int | float | bool | None]] = []
    for panel, (embedding, title) in zip(panels, PANELS.items(), strict=True):
        panel.set_axis_off()
        panel.set(aspect="equal", xlim=(-5, SIDE + 5), ylim=(-5, SIDE + 5))
        line = first_line(collected, embedding)
        if line is None:
            continue
        _draw_map(panel, line)
        silhouette = line.record.metrics["silhouette"]
        panel.set_title(f"{title}\nsilhouette {silhouette:.2f}")
        rows.append({"embedding": title, "images": len(line.picture("labels")), "silhouette": silhouette})
    return rows


def first_line(collected: Sequence[Line], embedding: str) -> Line | None:
    """The map of that embedding at the first seed."""
    lines = [
        line
        for line in collected
        if line.record.step == "embedding_map" and line.record.condition["embedding"] == embedding
    ]
    return min(lines, key=lambda line: line.record.seed, default=None)


def _draw_map(panel: Any, line: Line) -> None:
    """In the middle of its panel; colours and markers both tell the classes apart."""
    places, labels = line.picture("places")[:, 0].astype(float), line.picture("labels")[:, 0, 0]
    places += (SIDE - places.max(axis=0)) / 2
    for label in sorted(set(labels.tolist())):
        across, up = places[labels == label].T
        panel.scatter(across, up, s=9, marker=MARKERS[label % len(MARKERS)], linewidths=0, alpha=0.8)
