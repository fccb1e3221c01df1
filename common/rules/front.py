"""What the pages over all papers hang on: the front page and the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from common.pages.catalogue import CATALOGUE
from common.pages.layout import Layout
from common.pages.paper import find_papers
from common.records.schema import Scale, content_hash
from common.runs.registry import paper_configs
from common.strict import read_yaml


def front_definition(root: Path, scale: Scale, selected: Sequence[str]) -> str:
    """Hash of all that these pages read, but for the summaries and verdicts of `selected`, which are inputs.

    A paper that this invocation doesn't select may have been run by another, and is shown as that left it.
    """
    papers = find_papers(root)
    layouts = {paper: Layout(root, scale, paper) for paper in papers}
    others = [layouts[paper] for paper in papers if paper not in selected]
    return content_hash(
        {
            "catalogue": _text(root / CATALOGUE),
            "experiments": list(paper_configs(root)),
            "papers": {
                paper: [_definition(layout.definitions / name) for name in ("paper.yaml", "claims.yaml")]
                for paper, layout in layouts.items()
            },
            "others": [_text(path) for layout in others for path in (layout.summary, layout.verdicts)],
        }
    )


def _definition(path: Path) -> object:
    """What a YAML file says; its comments and layout don't count."""
    return read_yaml(path) if path.is_file() else None


def _text(path: Path) -> str | None:
    return path.read_text() if path.is_file() else None
