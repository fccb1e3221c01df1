"""Command line: fetch, verify and prepare data sets."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from common.data.obtain import obtain
from common.data.sources import DatasetEntry, find_entry, load_sources
from common.refusals import refusals_in_words
from common.strict import BadInputError


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        entries = load_sources()
        if options.list:
            print(_listing(entries))
            return 0
        with refusals_in_words():
            _prepare_all(options.dataset, entries)
    except BadInputError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m common.data",
        description="Fetch, verify and prepare data sets; run it in the root of the repository.",
    )
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("dataset", nargs="*", default=[], help="data sets to prepare")
    wanted.add_argument("--list", action="store_true", help="list the data sets and leave")
    return parser


def _prepare_all(datasets: list[str], entries: dict[str, DatasetEntry]) -> None:
    for dataset in datasets:
        find_entry(dataset, entries)  # a misspelt name is told before anything is fetched
    for dataset in datasets:
        obtain(dataset, entries, Path(), say=lambda line: print(line, file=sys.stderr))


def _listing(entries: dict[str, DatasetEntry]) -> str:
    width = max(map(len, entries))
    return "\n".join(f"{name:{width}}  {entry.title} [{entry.licence}]" for name, entry in entries.items())


if __name__ == "__main__":
    sys.exit(main())
