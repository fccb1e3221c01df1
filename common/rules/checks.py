"""Mistakes that can be told before anything runs: in a paper's files, in the folders that the user names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from common.data.manifests import array_files, content_hash
from common.data.seals import check_unchanged, pin_path
from common.pages.paper import read_claims, read_paper
from common.pages.tables.published import find_published, read_published
from common.pages.tables.schema import read_tables
from common.records.schema import Scale
from common.rules.settings import WorkflowSettings
from common.rules.stages import preparation
from common.runs.execute import job_settings
from common.runs.identity import job_digest
from common.runs.plan import jobs
from common.runs.registry import find_config
from common.strict import BadInputError, suggest


def check_paper(paper: str, scale: Scale, root: Path) -> None:
    """Read all that the jobs of a paper at a scale will read, but data only where they were touched.

    Raises BadInputError.
    """
    for spec in jobs(find_config(paper, root), scale, seeds=1):
        job_digest(spec, root)
        job_settings(spec)
        for dataset in spec.config.datasets:
            preparation(dataset, root)
            _check_data(dataset, root)
    read_paper(root, paper)
    read_claims(root, paper)
    printed = read_published(root, paper)
    for table in read_tables(root, paper):
        find_published(printed, table)


def _check_data(dataset: str, root: Path) -> None:
    """Raise BadInputError where pinned data were changed; whole data that came without a pin get one.

    Those are pulled by DVC, say. What isn't whole will be prepared: its pin goes, which is all of a data set
    that jobs name as an input.
    """
    pin = root / pin_path(dataset, content_hash(dataset, root))
    if not all((root / file).is_file() for file in array_files(dataset, root)):
        pin.unlink(missing_ok=True)
        return
    try:
        check_unchanged(dataset, root)
    except BadInputError:
        if pin.is_file():
            raise


def check_places(names: Sequence[str], root: Path) -> None:
    """Raise BadInputError where a file stands at a place for folders, which Snakemake would fall over."""
    for path in (each for name in names for each in (Path(name), *Path(name).parents)):
        if (root / path).exists() and not (root / path).is_dir():
            raise BadInputError(
                f"{path} is a file, and its name is needed for a folder. Move it, then run again."
            )


def check_folders(settings: WorkflowSettings, papers: Sequence[str], root: Path) -> None:
    """Raise BadInputError for a named folder that no paper reads, or that isn't there."""
    if not settings.folders:
        return
    scales = (scale for paper in papers for scale in find_config(paper, root).scales.values())
    known = {folder for scale in scales for step in scale.steps.values() for folder in step.folders}
    for name, path in settings.folders.items():
        if name not in known:
            raise BadInputError(f"folders: no paper reads a folder called '{name}'.{suggest(name, known)}")
        if not (root / path).is_dir():
            raise BadInputError(
                f"folders: there is no folder '{path}' to read {name} from. "
                f"""Type: --config folders='{{"{name}": "<path>"}}'"""
            )
