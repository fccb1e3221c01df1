"""Finding papers and methods by looking in the folders, so that adding one edits no shared file."""

from __future__ import annotations

import functools
from pathlib import Path

from common.runs.config import PaperConfig, load_config
from common.strict import BadInputError, suggest


def paper_configs(root: Path) -> dict[str, Path]:
    """Paper id -> its config.yaml, for every experiment folder."""
    found: dict[str, Path] = {}
    for path in sorted(root.glob("experiments/*/*/config.yaml")):
        if path.parent.name in found:
            raise BadInputError(
                f"Two experiments share a name: {found[path.parent.name]} and {path}. Rename one."
            )
        found[path.parent.name] = path
    return found


@functools.cache
def find_config(paper: str, root: Path) -> PaperConfig:
    """The configuration of `paper`; raises BadInputError with a suggestion where there is none."""
    found = _configs_named(paper, root)
    if len(found) != 1:
        configs = paper_configs(root)  # which refuses a name that two papers share
        raise BadInputError(f"There is no paper '{paper}' under experiments/.{suggest(paper, configs)}")
    return load_config(found[0])


def _configs_named(paper: str, root: Path) -> list[Path]:
    """Those of one name, without a look into the folders of all other papers."""
    if Path(paper).name != paper:
        return []
    tracks = (root / "experiments").iterdir() if (root / "experiments").is_dir() else ()
    return [path for track in tracks if (path := track / paper / "config.yaml").is_file()]


def find_method(track: str, method: str, root: Path) -> str:
    """Dotted name of the module that implements `method`: a baseline of the track or a paper's own.

    Looked for as experiments/<track>/baselines/<method>.py and
    experiments/<track>/<paper>/methods/<method>.py. Raises BadInputError where it is in none or in two.
    """
    folder = root / "experiments" / track
    files = [*folder.glob("baselines/*.py"), *folder.glob("*/methods/*.py")]
    named = [file for file in files if file.stem == method]
    if len(named) == 1:
        return ".".join(named[0].relative_to(root).with_suffix("").parts)
    if not named:
        known = (file.stem for file in files if file.stem != "__init__")
        raise BadInputError(f"No method '{method}' in experiments/{track}/.{suggest(method, known)}")
    raise BadInputError(f"Two files implement '{method}': {', '.join(map(str, sorted(named)))}. Rename one.")
