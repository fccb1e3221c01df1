"""An explanation in words, the most important first: the state, then why, then what it depends on."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from common.ledger.explanation import Explanation
from common.ledger.numbers_in_words import counted, in_seeds
from common.ledger.standing import Standing
from common.runs.receipt import run_command

_WIDTH = 100
_NAMES = 6  # modules, keys or files that a reason names, and values of a key, unless all are asked for
_ORDER = ("changed by hand", "would run again", "never run", "up to date", "left out")
_NOTHING = (
    "comments, docstrings, formatting, the dates of files; other papers; of this paper its claims, tables, "
    "figures and published numbers, which are only written anew."
)


def explanation_text(explanation: Explanation, long: bool = False) -> str:
    """The whole explanation as plain text; `long` shortens no list."""
    most = None if long else _NAMES
    sections = [
        [_headline(explanation)],
        _section("Its jobs", _jobs(explanation.jobs, most)),
        _section("The jobs before, whose artefacts they read", _jobs(explanation.earlier, most)),
        _section("What it is", (f"{name}: {what}" for name, what in explanation.subject.facts.items())),
        _section("What would make its jobs run again", _dependencies(explanation, long)),
        _section("What would not", [_NOTHING]),
        _section("To make it again", [explanation.subject.command]),
        _section("To run one of its jobs by hand", _by_hand(explanation)),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def _headline(explanation: Explanation) -> str:
    layout = explanation.layout
    what = f"{layout.paper}, {explanation.subject.name}, scale {layout.scale}"
    if not explanation.jobs:
        return _wrapped(f"{what}: no job of this scale makes any of it.", "")
    states = [
        f"{counted(len(list(some)), 'job')} {word}"
        for word, some in groupby(sorted(explanation.jobs, key=_rank), key=lambda each: each.word)
    ]
    file = explanation.subject.file
    made = "" if (layout.root / file).is_file() else f" There is no {file} yet."
    return _wrapped(f"{what}: {', '.join(states)}.{made}", "")


def _jobs(standings: Sequence[Standing], most: int | None) -> Iterator[str]:
    """The jobs, those of one method with the same state and reasons on one line, those that run first."""
    folded: dict[tuple[str, str, tuple[str, ...]], list[int]] = {}
    for each in sorted(standings, key=_rank):
        reasons = tuple(reason.shown(most) for reason in each.reasons)
        folded.setdefault((each.word, f"{each.spec.step}/{each.spec.method}", reasons), []).append(
            each.spec.seed
        )
    for (word, name, reasons), seeds in folded.items():
        yield f"{word}: {name}, {in_seeds(seeds)}"
        yield from (f"  {reason}" for reason in reasons)


def _dependencies(explanation: Explanation, long: bool) -> Iterator[str]:
    yield f"code, {counted(len(explanation.code), 'module')} with their packages:"
    yield from (f"  {line}" for line in _modules(explanation.code, long))
    yield f"configuration, {counted(len(explanation.configuration), 'key')} of {explanation.config}:"
    for key, values in explanation.configuration.items():
        yield f"  {key} = {_values(values, None if long else _NAMES)}"
    for data in explanation.data:
        yield f"data set {data.name}, {data.hash if long else data.hash[:12]} by its manifest: {data.state}"
    for folder in explanation.folders:
        yield f"folder {folder}, which you name: another path; what lies in it isn't looked into"


def _modules(code: dict[str, str], long: bool) -> Iterator[str]:
    """Each module with its digest, or those of a package together, without the packages themselves."""
    if long:
        yield from (f"{name} {digest[:12]}" for name, digest in sorted(code.items()))
        return
    packages = {name.rpartition(".")[0] for name in code}
    modules = sorted(name.rpartition(".")[::2] for name in code if name not in packages)
    for package, some in groupby(modules, key=lambda parts: parts[0]):
        yield f"{package}: {', '.join(name for _, name in some)}"


def _values(values: Sequence[str], most: int | None) -> str:
    shown = list(values[:most])
    left = len(values) - len(shown)
    return " or ".join(shown) + (f" or {left} more" if left else "")


def _by_hand(explanation: Explanation) -> list[str]:
    """The command of the job that is furthest from being up to date."""
    ordered = sorted(explanation.jobs, key=_rank)
    if not ordered:
        return []
    folders = "".join(f" --folder {name}=<path>" for name in ordered[0].spec.config.folders)
    return [run_command(ordered[0].spec) + folders]


def _rank(standing: Standing) -> int:
    return _ORDER.index(standing.word)


def _section(heading: str, lines: Iterable[str]) -> list[str]:
    indented = [_wrapped(line.lstrip(), "  " + " " * (len(line) - len(line.lstrip()))) for line in lines]
    return [heading, *indented] if indented else []


def _wrapped(line: str, indent: str) -> str:
    """A line no longer than a terminal is wide; words, such as paths and commands, are never broken."""
    return textwrap.fill(
        line,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
