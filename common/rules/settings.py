"""The workflow's own configuration: config.yaml and what `--config` overrides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field, field_validator

from common.records.schema import Name, Scale
from common.strict import BadInputError, StrictModel, suggest, validate


class WorkflowSettings(StrictModel):
    """Scale, papers and seeds of one invocation."""

    scale: Scale
    papers: list[str]
    seeds: int | None = Field(default=None, ge=1)
    folders: dict[Name, str] = {}
    flagships: dict[Name, Name]

    @field_validator("papers", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return value.split(",") if isinstance(value, str) else value


def read_settings(config: dict[str, Any]) -> WorkflowSettings:
    """Check Snakemake's merged configuration; raises BadInputError."""
    return validate(WorkflowSettings, config, "config.yaml or --config")


def selected_papers(settings: WorkflowSettings, known: list[str]) -> list[str]:
    """The papers that `papers` stands for, in the order of `known`."""
    if settings.papers == ["all"]:
        return known
    wanted = list(settings.flagships.values()) if settings.papers == ["flagships"] else settings.papers
    for paper in wanted:
        if paper not in known:
            choices = [*known, "all", "flagships"]
            raise BadInputError(f"papers={paper}: there is no such paper.{suggest(paper, choices)}")
    return [paper for paper in known if paper in wanted]


def named_papers(arguments: Sequence[str], tracks: Mapping[str, str]) -> set[str]:
    """Papers that a target on the command line names: by themselves, by their track, in a path or a rule.

    Words that aren't targets may name a paper too; it then gets rules that nothing asks for.

    Args:
        arguments: of `snakemake`.
        tracks: paper -> its track.
    """
    words = {word for argument in arguments for word in re.split(r"[^a-z0-9_]+", argument)}
    return {
        paper
        for paper, track in tracks.items()
        if track in words or any(word == paper or word.startswith(f"{paper}_") for word in words)
    }
