"""The common look of all figures: one palette, one typeface, no ornament."""

from __future__ import annotations

from typing import Any

# Okabe and Ito's colours, told apart under every common colour-vision deficiency (Wong, "Points of
# view: Color blindness", Nature Methods 8, 441, 2011); yellow is left out, too faint on white.
PALETTE = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000"]

_INK = "#22262b"
_FAINT = "#d9dce0"


def figure_style(figure: str) -> dict[str, Any]:
    """Matplotlib settings for the figure called `figure`, whose name seeds the ids inside its SVG."""
    from cycler import cycler

    return {
        "svg.hashsalt": figure,
        "svg.fonttype": "none",  # text stays text, so it can be searched, copied and read aloud
        "pdf.fonttype": 42,
        "font.family": "sans-serif",
        # Verdana has nearly the same widths where the reader's machine lacks DejaVu
        "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
        "font.size": 9.0,
        "axes.prop_cycle": cycler(color=PALETTE),
        "axes.titlesize": 10.0,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.labelcolor": _INK,
        "axes.edgecolor": "#8a9099",
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "grid.color": _FAINT,
        "grid.linewidth": 0.6,
        "xtick.color": _INK,
        "ytick.color": _INK,
        "text.color": _INK,
        "lines.linewidth": 1.8,
        "lines.markersize": 5.0,
        "legend.frameon": False,
        "figure.figsize": (6.4, 3.8),
        "figure.dpi": 100.0,
        "figure.constrained_layout.use": True,
        "savefig.dpi": 200.0,
        "savefig.facecolor": "white",
    }
