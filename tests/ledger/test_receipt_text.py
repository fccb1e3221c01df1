"""The receipt of a run as a page: counts first, reasons next, then every cell."""

from __future__ import annotations

from typing import Any

from common.ledger.receipt_text import to_markdown
from common.ledger.run_receipt import CellLine, JobLine, PaperLines, RunReceipt


def job(seed: int, state: Any, *why: str) -> JobLine:
    return JobLine(step="adaptation", method="ent", seed=seed, state=state, why=list(why))


def receipt(*papers: PaperLines, **changes: Any) -> RunReceipt:
    facts = {
        "scale": "quick",
        "succeeded": True,
        "commit": "ab" * 20,
        "finished": "2025-11-22T11:50:00+00:00",
    }
    return RunReceipt(
        **{**facts, "seconds": 61.5, "executed": ["one", "two"], "papers": list(papers), **changes}
    )


CELLS = [
    CellLine(cell="ent--fog", section="here", state="fresh", why=["code changed: a|b"], hash="12" * 32),
    CellLine(cell="ent--fog", section="h100_full", state="recorded", hash="34" * 32),
    CellLine(cell="rpl--fog", section="here", state="not run"),
]
EXAMPLE = PaperLines(
    paper="example",
    jobs=[
        job(0, "fresh", "data changed: cifar10"),
        job(1, "fresh", "data changed: cifar10"),
        job(2, "cached"),
    ],
    tables={"main": CELLS},
)


def test_a_page_of_one_paper() -> None:
    text = to_markdown(receipt(EXAMPLE))
    assert "Finished 2025-11-22T11:50:00+00:00, commit `abababababab`, after 62 s." in text
    assert "| example | 2 fresh, 1 cached | 1 fresh, 1 recorded, 1 not run |" in text
    assert "| all |" not in text
    assert "- **fresh**, 2 jobs: adaptation ent, seeds 0, 1\n  - data changed: cifar10\n" in text
    assert "| ent--fog | fresh | code changed: a\\|b | 121212121212 |" in text
    assert "| ent--fog | recorded (h100_full) |  | 343434343434 |" in text
    assert "| rpl--fog | not run |  |  |" in text


def test_papers_are_summed_and_a_dirty_tree_is_said() -> None:
    other = PaperLines(paper="other", jobs=[job(0, "failed")], tables={})
    text = to_markdown(receipt(EXAMPLE, other, commit="ab" * 20 + "-dirty", succeeded=False))
    assert "| all | 2 fresh, 1 cached, 1 failed | 1 fresh, 1 recorded, 1 not run |" in text
    assert "**Ended with an error**" in text
    assert "commit `abababababab`, with changes that aren't committed" in text
    assert "| other | 1 failed | none |" in text
