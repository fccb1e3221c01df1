"""Command line: python -m common.ledger {explain,diff}, from the repository's root."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from common.records.schema import Scale
from common.refusals import refusals_in_words
from common.strict import BadInputError

application = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Say what numbers hang on, and why they differ."
)
ROOT = Path()


@application.command()
def explain(
    paper: str,
    name: Annotated[str, typer.Argument(metavar="TABLE", help="Or a figure's or a claim's id.")],
    cell: Annotated[str | None, typer.Argument(metavar="[CELL]", help="As row--column.")] = None,
    scale: Annotated[Scale, typer.Option(help="Which jobs to look at.")] = "quick",
    seeds: Annotated[int | None, typer.Option(min=1, help="As in `snakemake --config seeds=`.")] = None,
    long: Annotated[bool, typer.Option("--long", help="Shorten no list.")] = False,
) -> None:
    """Say whether a table, cell, figure or claim is up to date, why not, and what it depends on.

    Where tables, figures and claims share an id, write tables/<id>, figures/<id> or claims/<id>.
    """
    from common.ledger.explanation import explain as explained
    from common.ledger.explanation_text import explanation_text
    from common.pages.layout import Layout

    typer.echo(explanation_text(explained(Layout(ROOT, scale, paper), name, cell, seeds), long))


@application.command()
def diff(
    before: Path,
    after: Path,
    long: Annotated[bool, typer.Option("--long", help="Shorten no list.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Say it for machines.")] = False,
) -> None:
    """Compare two trees of results: the folders of a scale, or of one paper at a scale.

    Says which verdicts flipped, which numbers moved, and why. Exit status 0: all results are the same, though
    what they hung on may differ, such as the machine; 1: a verdict, number or record differs; 2: an error.
    Times, which no two runs share, never count.
    """
    from common.ledger.difference import compare_trees
    from common.ledger.difference_text import difference_text

    difference = compare_trees(before, after, ROOT)
    typer.echo(difference.model_dump_json(indent=1) if json else difference_text(difference, long))
    raise typer.Exit(int(difference.differs))


def main() -> None:
    """Run the command line; a mistake in the input ends it with a sentence."""
    try:
        with refusals_in_words():
            application()
    except BadInputError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
