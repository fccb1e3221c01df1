"""Targets on Snakemake's command line: a misspelt one ends in a sentence, before any graph is built."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from common.rules.workflow import Workflow
from common.runs.config import SCALES
from common.runs.registry import paper_configs
from common.strict import BadInputError, nearest, suggest


def typed_targets(arguments: Sequence[str]) -> list[str]:
    """The targets among the arguments of `snakemake`, as its own parser finds them; jobs have none."""
    from snakemake.cli import get_argument_parser

    end = arguments.index("--") if "--" in arguments else len(arguments)
    parsed = get_argument_parser().parse_args(arguments[:end])
    return [] if parsed.target_jobs else [*sorted(parsed.targets), *arguments[end + 1 :]]


def check_targets(targets: Iterable[str], flow: Workflow) -> None:
    """Raise BadInputError for the first target that no rule makes, naming the nearest of those that one does.

    A file of a table that isn't defined any more counts as one that no rule makes, though it may be there.
    """
    short = _short_names(flow)
    files = [target for target in targets if target not in short]
    made = {*_files(flow), *_rules(flow)} if files else set()
    for target in files:
        if os.path.normpath(target) not in made:
            raise BadInputError(f"{target}: {_what_is_wrong(os.path.normpath(target), made, flow)}")


def _rules(flow: Workflow) -> set[str]:
    """The longer names of rules, those without wildcards."""
    prepared = (f"prepare_{dataset}" for dataset in flow.datasets())
    return {"front_page", *prepared, *(rule.name for rule in flow.run_rules())}


def _short_names(flow: Workflow) -> list[str]:
    """The targets that a reader types, those of papers that aren't selected among them."""
    tracks = {path.parent.parent.name for path in paper_configs(flow.root).values()}
    return ["all", "site", "records", *sorted(tracks), *flow.all_papers]


def _what_is_wrong(path: str, made: set[str], flow: Workflow) -> str:
    """The sentence on a target that nothing makes."""
    if PurePath(path).is_absolute():
        return f"paths are written from the repository's root. Type: {os.path.relpath(path, flow.root)}"
    short = _short_names(flow)
    known = [*short, *made]
    unknown = _what_is_unknown(PurePath(path).parts, flow)
    return unknown or f"no rule makes it.{suggest(path, known if nearest(path, known) else short)}"


def _files(flow: Workflow) -> set[str]:
    """Every file that the rules make."""
    made = set(flow.front_pages())
    for paper in flow.targets:
        artefacts = (str(spec.artefact) for spec in flow.jobs(paper) if spec.artefact)
        made |= {*flow.everything(paper), *artefacts, f"{flow.site}/{paper}/summary.json"}
        made.update(flow.collected_steps(paper).values())
    for dataset in flow.datasets():
        made |= {*flow.arrays(dataset), flow.pin(dataset)}
    return made


def _what_is_unknown(parts: tuple[str, ...], flow: Workflow) -> str | None:
    """The sentence on the first part of a path that is nowhere; None where the path is like none of ours."""
    if len(parts) < 3 or parts[0] not in ("results", "site"):
        return None
    _, scale, paper, *rest = parts
    if scale not in SCALES:
        return f"there is no scale '{scale}'.{suggest(scale, SCALES)}"
    if scale != flow.scale:
        target = "/".join(parts)
        return f"this run is of scale {flow.scale}. Type: snakemake {target} --config scale={scale}"
    if paper not in flow.all_papers:
        return f"there is no paper '{paper}' under experiments/.{suggest(paper, flow.all_papers)}"
    return _what_the_paper_lacks(paper, rest, flow)


def _what_the_paper_lacks(paper: str, rest: list[str], flow: Workflow) -> str | None:
    kinds = {
        "tables": ("tables.yaml has no table", flow.definitions.tables),
        "figures": ("figures/ has no figure", flow.definitions.figures),
    }
    if len(rest) != 2 or rest[0] not in kinds:
        return None
    lacks, known = kinds[rest[0]]
    name = PurePath(rest[1]).stem
    if name in known(paper):
        return None
    return f"papers/{paper}/{lacks} '{name}'.{suggest(name, known(paper))}"
