"""The causes of a difference in words: how many of each kind, and each with the jobs that it concerns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from common.ledger.causes import ANY_MODULE, KINDS, Cause
from common.ledger.difference import Difference, JobDifference
from common.ledger.numbers_in_words import counted, in_seeds

_NOUNS = {
    "code": "module",
    "configuration": "key",
    "data": "data set",
    "input": "artefact",
    "environment": "version",
    "machine": "fact",
    "seeds": "method",
    "changed by hand": "record",
}
_HASH = 64  # characters of a SHA-256
_CHARACTERS = 12  # of a hash: enough to tell two apart
_METHODS = 4  # that a cause names, unless all are asked for
_NO_RECEIPT = (
    "no receipt on one side or both: their records tell the digest of all code together, settings, threads, "
    "data, inputs and the machine; which modules or conditions differ can't be told"
)


def cause_summary(difference: Difference) -> str:
    """The kinds of causes with the number of things of each: `code (3 modules), machine (1 fact)`."""
    jobs = _concerned(difference)
    names: dict[str, dict[str, None]] = {}
    for cause in (*(cause for job in jobs for cause in job.causes), *difference.seeds):
        names.setdefault(cause.kind, {})[cause.name] = None
    told = [f"{kind} ({_counted(kind, list(names[kind]))})" for kind in KINDS if kind in names]
    unexplained = sum(job.moved and not job.causes for job in jobs)
    told += [f"none on record for {counted(unexplained, 'job')}"] if unexplained else []
    return ", ".join(told) or "none on record"


def cause_lines(difference: Difference, most: int | None) -> Iterator[str]:
    """Each cause with the jobs it concerns, by kind; then what can't be told."""
    jobs = _concerned(difference)
    concerned: dict[tuple[str, str, str], list[JobDifference]] = {}
    for job in jobs:
        for cause in job.causes:
            concerned.setdefault((cause.kind, cause.name, _change(cause)), []).append(job)
    for kind, name, change in sorted(concerned, key=lambda key: (KINDS.index(key[0]), key)):
        yield f"{kind}: {name}{change}, for {_named(concerned[kind, name, change], most)}"
    for cause in difference.seeds:
        yield f"seeds: {cause.name}{_change(cause)}"
    unexplained = [job for job in jobs if job.moved and not job.causes]
    if unexplained:
        yield f"nothing on record: numbers that don't repeat, of {_named(unexplained, most)}"
    before, after = (_commits(commits) for commits in difference.commits)
    if jobs and before != after:
        yield f"commits: {before} → {after}"
    unsure = sum(not job.receipts for job in jobs)
    if unsure:
        yield f"{counted(unsure, 'job')} with {_NO_RECEIPT}"


def _commits(commits: Sequence[str]) -> str:
    """Each commit, shortened, with the mark of an edited tree."""
    shown = [commit[:_CHARACTERS] + ("-dirty" if commit.endswith("-dirty") else "") for commit in commits]
    return ", ".join(shown) or "none"


def _concerned(difference: Difference) -> Sequence[JobDifference]:
    """The jobs that left other numbers; where no job did, those that hung on something else."""
    moved = [job for job in difference.job_differences if job.moved]
    return moved or difference.job_differences


def _counted(kind: str, names: list[str]) -> str:
    return ANY_MODULE if names == [ANY_MODULE] else counted(len(names), _NOUNS[kind])


def _change(cause: Cause) -> str:
    """Both values, where they say more than that they differ."""
    if cause.kind == "changed by hand":
        return " (before)" if cause.before else " (after)"
    if cause.kind in ("code", "input"):
        ends = {(True, False): " (only after)", (False, True): " (only before)"}
        return ends.get((cause.before is None, cause.after is None), "")
    return f" ({_shown(cause.before)} → {_shown(cause.after)})"


def _shown(value: str | None) -> str:
    if value is None:
        return "none"
    return value[:_CHARACTERS] if len(value) == _HASH else value


def _named(jobs: Sequence[JobDifference], most: int | None) -> str:
    """The jobs by method, with their seeds; only so many methods unless `most` is None."""
    seeds: dict[str, list[int]] = {}
    for job in jobs:
        seeds.setdefault(f"{job.paper}: {job.step}/{job.method}", []).append(job.seed)
    names = [f"{name} ({in_seeds(some)})" for name, some in seeds.items()]
    shown = names if most is None else names[:_METHODS]
    left = len(names) - len(shown)
    return ", ".join(shown) + (f" and {counted(left, 'more method')}" if left else "")
