"""Where each setting in a config.yaml comes from: the comment that stands behind it, or directly above.

A comment speaks of all values whose keys stand on its line (above: on the line below it), unless it begins
with one of these keys and a colon, and then of that one alone. A value without a comment takes that of the
mapping around it, up to the settings of the step or the name of the method. Aliases and merge keys lead to
the place where the value is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from common.records.schema import Scale
from common.runs.comments import LOADER, Comments
from common.runs.config import load_config

_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True)
class Source:
    """What a comment says of a value.

    `beside` are the other values of which it says so, being on one line with them; `around` is the mapping
    whose comment it is, where the value has none of its own.
    """

    text: str
    beside: tuple[str, ...] = ()
    around: str = ""


@dataclass(frozen=True)
class Configured:
    """A value as the configuration has it now, and its source; None where no comment speaks of it."""

    value: Any
    source: Source | None


class ConfigSources:
    """The values of one config.yaml with their sources; raises BadInputError for one that can't be used."""

    def __init__(self, path: Path) -> None:
        self._config = load_config(path)
        text = path.read_text()
        self._root = _compose(text)
        self._comments = Comments(text)
        self._keys = _keys_by_line(self._root)

    def settings(self, scale: Scale, step: str, method: str) -> dict[str, Configured]:
        """Dotted name -> value and source of each setting of a method; empty where there is no such job."""
        steps = self._config.scales[scale].steps if scale in self._config.scales else {}
        if step not in steps or method not in steps[step].methods:
            return {}
        values = flatten({**steps[step].settings, **steps[step].methods[method]})
        chains = self._chains(scale, step, method)
        return {name: Configured(value, self._source(chains.get(name, []))) for name, value in values.items()}

    def _chains(self, scale: str, step: str, method: str) -> dict[str, list[_Entry]]:
        """Dotted name -> the entries that lead to its value, from `settings` or the method inwards."""
        at_step = _entries(_descend(self._root, ("scales", scale, "steps", step)))
        at_method = _entries(at_step["methods"].value)[method]
        outer = [at_step["settings"]] if "settings" in at_step else []
        # A key of the method's own replaces the step's whole, as in the job's settings.
        tops = {name: [start, entry] for start in [*outer, at_method] for name, entry in _inside(start)}
        return dict(pair for name, chain in tops.items() for pair in _leaves(name, chain))

    def _source(self, chain: list[_Entry]) -> Source | None:
        for entry in reversed(chain):
            for line in entry.lines():
                text = self._comments.behind(line) or self._comments.above(line)
                source = self._said(text, entry, line, is_own=entry is chain[-1])
                if source is not None:
                    return source
        return None

    def _said(self, text: str, entry: _Entry, line: int, is_own: bool) -> Source | None:
        """What a comment says of an entry of its line, if anything."""
        named, colon, rest = text.partition(":")
        if colon and named in self._keys[line]:
            return Source(rest.strip()) if entry.name == named and is_own else None
        if not text:
            return None
        if not is_own:
            return Source(text, around=entry.name)
        return Source(text, beside=tuple(name for name in self._keys[line] if name != entry.name))


def flatten(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Nested mappings as dotted names, in order: `{"training": {"epochs": 4}}` as `training.epochs`."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            flat |= {f"{name}.{rest}": found for rest, found in flatten(value).items()}
        else:
            flat[str(name)] = value
    return flat


@dataclass(frozen=True, eq=False)
class _Entry:
    """A key and its value in a mapping."""

    key: yaml.ScalarNode
    value: yaml.Node

    @property
    def name(self) -> str:
        return str(self.key.value)

    def lines(self) -> Iterator[int]:
        """The line of the key, and for an alias of what isn't a block, the line on which that is written."""
        yield self.key.start_mark.line
        is_alias = self.value.start_mark.index < self.key.start_mark.index
        is_block = isinstance(self.value, yaml.CollectionNode) and not self.value.flow_style
        if is_alias and not is_block:
            yield self.value.start_mark.line


def _compose(text: str) -> yaml.Node:
    root = yaml.compose(text, Loader=LOADER)
    assert root is not None  # the configuration was read and checked before
    return root


def _entries(node: yaml.Node) -> dict[str, _Entry]:
    """Key -> entry of a mapping, merge keys followed; what is written in the mapping itself wins."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    merged: dict[str, _Entry] = {}
    own: dict[str, _Entry] = {}
    for key, value in node.value:
        if key.tag == _MERGE:
            sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
            for source in reversed(sources):  # the first of several wins
                merged |= _entries(source)
        else:
            own[str(key.value)] = _Entry(key, value)
    return {**merged, **own}


def _inside(entry: _Entry) -> Iterator[tuple[str, _Entry]]:
    yield from _entries(entry.value).items()


def _leaves(name: str, chain: list[_Entry]) -> Iterator[tuple[str, list[_Entry]]]:
    """The dotted names at and below the last entry of a chain, each with the chain that leads there."""
    below = _entries(chain[-1].value)
    if not below:
        yield name, chain
    for key, entry in below.items():
        yield from _leaves(f"{name}.{key}", [*chain, entry])


def _descend(node: yaml.Node, path: tuple[str, ...]) -> yaml.Node:
    for part in path:
        node = _entries(node)[part].value
    return node


def _keys_by_line(root: yaml.Node) -> dict[int, list[str]]:
    """Line -> keys on it whose value is no mapping: those that a comment there can speak of."""
    keys = {
        (key.start_mark.line, key.start_mark.column): str(key.value)
        for mapping in _mappings(root, set())
        for key, value in mapping.value
        if not isinstance(value, yaml.MappingNode)
    }
    found: dict[int, list[str]] = defaultdict(list)
    for (line, _), key in sorted(keys.items()):
        found[line].append(key)
    return found


def _mappings(node: yaml.Node, seen: set[int]) -> Iterator[yaml.MappingNode]:
    """All mappings at and below a node, those behind an alias once."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _mappings(value, seen)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _mappings(value, seen)
