"""Decoders: one module per format, each turning a source's files into the canonical arrays of a data set.

A decoder is a module with a function `decode(files)`; sources.yaml names the module. All decoders of one data
set yield the same arrays and facts, so which source served can't be told from the prepared data.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from common.data.failures import SourceFailedError
from common.refusals import in_words

if TYPE_CHECKING:
    from common.data.canonical import Array

_REASON = 200  # characters; torch explains at length


@dataclass(frozen=True)
class Decoded:
    """The arrays of a data set by name, made one at a time, and the facts for its manifest."""

    arrays: Iterable[tuple[str, Array]]
    facts: Mapping[str, JsonValue]


def decode(decoder: str, files: Mapping[str, Path]) -> Decoded:
    """Decode `files` with the decoder of that name.

    Raises SourceFailedError when they are malformed, here or while the arrays are taken.
    """
    module = importlib.import_module(f"{__name__}.{decoder}")
    with _malformed(files):
        decoded = module.decode(files)
    assert isinstance(decoded, Decoded)
    return Decoded(_guarded(decoded.arrays, files), decoded.facts)


def _guarded(arrays: Iterable[tuple[str, Array]], files: Mapping[str, Path]) -> Iterator[tuple[str, Array]]:
    with _malformed(files):
        yield from arrays


@contextmanager
def _malformed(files: Mapping[str, Path]) -> Iterator[None]:
    """Say that the files can't be decoded, whatever the libraries that read their formats raise for that.

    Those don't document it, and raise more than a dozen kinds: of zlib, struct, pickle, PIL, numpy, torch …
    """
    try:
        yield
    except SourceFailedError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and in_words(error):
            raise
        reason = " ".join(str(error).split())[:_REASON] or "no reason given"
        raise SourceFailedError(
            f"{', '.join(sorted(files))} can't be decoded ({type(error).__name__}: {reason})"
        ) from error
