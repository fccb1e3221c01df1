"""Which jobs share a process, where a step says that several seeds or methods do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TypeVar

from common.runs.plan import JobSpec

Value = TypeVar("Value")


def processes(specs: Sequence[JobSpec]) -> Iterator[list[JobSpec]]:
    """The planned jobs of one paper, those together that one process runs."""
    for _, group in groupby(specs, key=lambda spec: spec.step):
        step = list(group)
        config = step[0].config
        for methods in _batched(list(dict.fromkeys(spec.method for spec in step)), config.methods_per_job):
            for seeds in _batched(list(dict.fromkeys(spec.seed for spec in step)), config.seeds_per_job):
                yield [spec for spec in step if spec.method in methods and spec.seed in seeds]


def _batched(values: list[Value], size: int) -> Iterator[list[Value]]:
    """The values in their order, `size` at a time."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
