"""Step `ablation`: CAFA with parts of it changed or taken away, each arm a method of the step.

An arm's `options` are those of `methods/cafa.py`; all else is as in `online_adaptation`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from common.runs.job import Job, Result
from experiments.test_time_adaptation import online_adaptation
from experiments.test_time_adaptation.online_adaptation import Settings

__all__ = ["Settings", "run"]


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield what `online_adaptation` does, of CAFA."""
    from experiments.test_time_adaptation.cafa.methods import cafa

    yield from online_adaptation.run(replace(job, implementation=cafa))
