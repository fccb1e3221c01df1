"""Command line: make a corrupted data set from a prepared one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from common.data.corruptions.settings import corrupted_settings
from common.data.corruptions.stage import make_corrupted
from common.refusals import refusals_in_words
from common.strict import BadInputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    dataset = f"{options.dataset}_corrupted{'_full' if options.full else ''}"
    try:
        with refusals_in_words():
            make_corrupted(dataset, corrupted_settings(dataset))
    except BadInputError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m common.data.corruptions",
        description="Corrupt a prepared data set; run it in the root of the repository.",
    )
    parser.add_argument("dataset", help="the prepared data set to corrupt, such as cifar10")
    parser.add_argument("--full", action="store_true", help="every severity and image (cifar10: 2.9 GB)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
