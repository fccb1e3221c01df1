"""`python -m common.rules.prepare DATASET`: prepare a data set, then pin what lies there."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from common.data.manifests import PREPARED
from common.data.seals import PINS, seal
from common.refusals import refusals_in_words
from common.rules.dvc_cache import drop_damaged
from common.rules.dvc_files import mend_files
from common.rules.stages import preparation
from common.strict import BadInputError


def prepare(dataset: str, root: Path) -> None:
    """Run all that prepares the data set, then leave its pin, and no pin of other content.

    Raises BadInputError when the command fails or leaves other data; the data set then has no pin.
    """
    for pin in (root / PINS).glob(f"{dataset}-*"):
        pin.unlink()
    mend_files(root)
    _run(dataset, root)
    try:
        seal(dataset, root)
    except BadInputError as error:
        _clear_damaged(dataset, root, error)
        _run(dataset, root)
        seal(dataset, root)


def _run(dataset: str, root: Path) -> None:
    for command in preparation(dataset, root):
        if subprocess.run(shlex.split(command), cwd=root, check=False).returncode != 0:
            raise BadInputError(f"'{command}' failed, so {dataset} isn't prepared; the reason is said above.")


def _clear_damaged(dataset: str, root: Path, error: BadInputError) -> None:
    """Delete what DVC took for whole, so that it is prepared anew; raises `error` if nothing is damaged."""
    damaged = drop_damaged(root)
    if not damaged:
        raise error
    shutil.rmtree(root / PREPARED / dataset)  # made of links to the damaged files, where there can be links
    names = ", ".join(str(path) for path in damaged)
    print(f"{names}: damaged in DVC's cache, so deleted; {dataset} is prepared again.", file=sys.stderr)


if __name__ == "__main__":
    try:
        with refusals_in_words():
            prepare(sys.argv[1], Path.cwd())
    except BadInputError as error:
        sys.exit(f"error: {error}")
