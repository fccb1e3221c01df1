"""Which jobs are run, and in which order: what the reader asked for first, each after what it reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from common.records.schema import Scale
from common.runs.config import PaperConfig
from common.runs.inputs import jobs_by_name
from common.runs.plan import JobSpec, jobs
from common.runs.registry import find_config, paper_configs
from common.strict import BadInputError, suggest


def agenda(targets: Sequence[str], scale: Scale, seeds: Sequence[int], root: Path) -> list[JobSpec]:
    """All jobs behind the targets, each once and after those whose artefacts it reads.

    A target is a paper, `paper/step` or `paper/step/method`; without any, all papers that have the scale.
    Within a target, steps that no later one reads come in the order of config.yaml, seed by seed, all
    methods at one seed together: what is done when time is up, is a table of fewer seeds.

    Args:
        seeds: those asked for; none: all of the configuration.

    Raises:
        BadInputError: where a target names what isn't there.
    """
    every = [paper for paper in paper_configs(root) if scale in find_config(paper, root).scales]
    ordered: dict[Path, JobSpec] = {}
    for target in targets or every:
        paper, *rest = target.split("/")
        config = find_config(paper, root)
        for spec in _asked(config, scale, rest, target):
            if not seeds or spec.seed in seeds:
                ordered.update((each.receipt, each) for each in _with_makers(spec, config))
    return list(ordered.values())


def _asked(config: PaperConfig, scale: Scale, rest: Sequence[str], target: str) -> list[JobSpec]:
    """The jobs that a target names, in order."""
    steps = config.scale(scale).steps
    if len(rest) > 2 or (rest and rest[0] not in steps):
        raise BadInputError(f"{target}: no such step at scale {scale}.{suggest(rest[0], steps)}")
    if len(rest) == 2 and rest[1] not in steps[rest[0]].methods:
        raise BadInputError(f"{target}: no such method.{suggest(rest[1], steps[rest[0]].methods)}")
    found = [spec for spec in jobs(config, scale) if [spec.step, spec.method][: len(rest)] == list(rest)]
    read = {name for step in steps.values() for name in (*step.needs, *step.gathers)}
    places = {name: (name in read, place) for place, name in enumerate(steps)}
    return sorted(found, key=lambda spec: (places[spec.step], spec.seed))


def _with_makers(spec: JobSpec, config: PaperConfig) -> Iterator[JobSpec]:
    """The jobs that `spec` reads from, directly or through others, and then itself."""
    for maker in jobs_by_name(spec, config).values():
        yield from _with_makers(maker, config)
    yield spec
