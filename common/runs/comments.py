"""The comments of a YAML file, by line: what stands behind values, and the whole lines above them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import yaml

# libyaml scans several times faster; the pure Python loader reads the same language.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Spans = dict[int, list[tuple[int, float]]]


class Comments:
    """The comments of one file; lines and columns count from 0, as in the marks of YAML nodes."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        spans = _scalar_spans(text)
        self._columns = {
            number: column
            for number, line in enumerate(self._lines)
            if (column := _comment_column(line, spans.get(number, []))) is not None
        }

    def behind(self, line: int) -> str:
        """The comment at the end of a line that holds more than it; '' where there is none."""
        return "" if self._is_whole_line(line) else self._text(line)

    def above(self, line: int) -> str:
        """The comment lines directly above a line, indented as it is, as one text; '' if there are none."""
        indent = _indent(self._lines[line])
        first = line
        while self._is_whole_line(first - 1) and self._columns[first - 1] == indent:
            first -= 1
        return " ".join(self._text(number) for number in range(first, line))

    def _is_whole_line(self, line: int) -> bool:
        return line in self._columns and self._columns[line] == _indent(self._lines[line])

    def _text(self, line: int) -> str:
        column = self._columns.get(line)
        return "" if column is None else self._lines[line][column:].lstrip("#").strip()


def _comment_column(line: str, spans: list[tuple[int, float]]) -> int | None:
    """Where the comment of a line begins: the first '#' after a space that no scalar covers."""
    for column, character in enumerate(line):
        begins = character == "#" and (column == 0 or line[column - 1] in " \t")
        if begins and not any(start <= column < end for start, end in spans):
            return column
    return None


def _scalar_spans(text: str) -> Spans:
    """Line -> columns from and to which a scalar covers it; strings may hold what looks like a comment."""
    spans: Spans = defaultdict(list)
    for token in yaml.scan(text, Loader=LOADER):
        if isinstance(token, yaml.ScalarToken):
            start, end = token.start_mark, token.end_mark
            for line in range(start.line, end.line + 1):
                first = start.column if line == start.line else 0
                last = end.column if line == end.line else float("inf")
                spans[line].append((first, last))
    return spans


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
