"""Every paper, job and selection of this repository, found by looking in the folders."""

from __future__ import annotations

from pathlib import Path

from common.pages.paper import read_claims
from common.pages.site.claims import selections
from common.pages.tables.schema import read_tables
from common.records.query import Selection
from common.records.schema import Scale
from common.runs.config import SCALES
from common.runs.plan import JobSpec, jobs
from common.runs.registry import find_config, paper_configs

ROOT = Path(__file__).parents[2]
PAPERS = list(paper_configs(ROOT))
PAPERS_AT_SCALES = [(paper, scale) for paper in PAPERS for scale in SCALES]


def specs(paper: str, scale: Scale) -> list[JobSpec]:
    """One job of each step and method."""
    return [spec for spec in jobs(find_config(paper, ROOT), scale, seeds=1) if spec.seed == 0]


def all_specs(paper: str) -> list[JobSpec]:
    """One job of each step and method at each scale."""
    return [spec for scale in SCALES for spec in specs(paper, scale)]


def selected(paper: str) -> dict[str, Selection]:
    """Everything that the paper's claims and tables select, by where that is said."""
    claims = read_claims(ROOT, paper)
    found = {
        f"claim {claim.id}, selection {number}": selection
        for claim in (claims.claims if claims else [])
        for number, selection in enumerate(selections(claim), start=1)
    }
    for table in read_tables(ROOT, paper):
        for row in table.rows:
            for column in table.columns:
                found[f"table {table.id}, {row.id} and {column.id}"] = table.selection(row, column)
    return found
