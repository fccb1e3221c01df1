"""Decoders: one module per format, each turning a source's files into the canonical arrays of a data set.

A decoder is a module with a function `decode(files)`; sources.yaml names the module. All decoders of one data
set yield the same arrays and facts, so which source served can't be told from the prepared data.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

if TYPE_CHECKING:
    from common.data.canonical import Array


@dataclass(frozen=True)
class Decoded:
    """The arrays of a data set by name, made one at a time, and the facts for its manifest."""

    arrays: Iterable[tuple[str, Array]]
    facts: Mapping[str, JsonValue]


def decode(decoder: str, files: Mapping[str, Path]) -> Decoded:
    """Decode `files` with the decoder of that name; raises SourceFailedError when they are malformed."""
    decoded = importlib.import_module(f"{__name__}.{decoder}").decode(files)
    assert isinstance(decoded, Decoded)
    return decoded
