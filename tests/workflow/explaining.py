"""What the ledger says would run, held against what Snakemake plans."""

from __future__ import annotations

from common.ledger.standing import Standing, Standings
from common.runs import digest, registry
from tests.workflow.repository import Repository


def plan_as_explained(repository: Repository, seeds: int | None = None) -> set[str]:
    """The plan, as Repository.plan; fails unless the ledger says of the same runs that they would run."""
    planned = repository.plan(config=f"seeds={seeds}" if seeds else "")
    runs = {job for job in planned if ", seed " in job}
    assert {_name(each) for each in standings(repository, seeds) if each.would_run} == runs
    return planned


def standings(repository: Repository, seeds: int | None = None) -> list[Standing]:
    """How every job of the repository's papers stands, as its files are now."""
    for cached in (digest._file, digest._parse, registry.find_config):
        cached.cache_clear()
    found = [
        Standings(registry.find_config(paper, repository.path), "smoke", repository.path, seeds)
        for paper in repository.papers.split(",")
    ]
    return [standing for each in found for standing in each.by_receipt.values()]


def _name(standing: Standing) -> str:
    """As the workflow announces the job."""
    spec = standing.spec
    return f"{spec.paper}_{spec.step}_{spec.method}, seed {spec.seed}"
