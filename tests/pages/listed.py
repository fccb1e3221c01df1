"""A made-up catalogue: the two papers of the example, and one or two in each other state."""

from __future__ import annotations

from pathlib import Path

from common.pages.catalogue import CATALOGUE, CataloguedPaper

COLUMNS = list(CataloguedPaper.model_fields)
# id -> the values of its line that aren't made up from the id
PAPERS: dict[str, dict[str, str]] = {
    "example": {
        "title": "An example paper <with markup> & more",
        "track": "test_time_adaptation",
        "family": "test-time-adaptation",
        "code": "https://example.org/code",
    },
    "bare": {"title": "A paper not run", "track": "test_time_adaptation"},
    "zebra_stripes": {"title": "A zebra's stripes", "track": "few_shot", "code": "https://example.org/zebra"},
    "apple_cores": {"title": "Apple cores", "track": "few_shot", "feasible": "gpu", "what": "Counts pips."},
    "large_model": {"title": "A large model", "feasible": "foundation", "what": "Trained on all zebras."},
    "private_set": {"title": 'A "private" data set', "track": "no_track", "feasible": "special-data"},
    "survey": {"title": "A survey", "track": "no_track", "feasible": "not-a-system"},
}


def line(paper: str, **changes: str) -> str:
    """The line of a paper: what `changes` names, the rest made up from its id."""
    values = {
        "id": paper,
        "title": paper,
        "system": f"The system of {paper}",
        "family": "other",
        "track": "no_track_yet",
        "feasible": "cpu-small",
        "claim": f"The claim of {paper}.",
        **changes,
    }
    return "\t".join(values.get(column, "") for column in COLUMNS)


def write_list(root: Path, *more: str, columns: list[str] = COLUMNS) -> None:
    """Write papers/catalogue.tsv with the lines of `PAPERS` and `more`."""
    lines = ["\t".join(columns), *(line(paper, **changes) for paper, changes in PAPERS.items()), *more]
    path = root / CATALOGUE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
