"""Making a corrupted data set: prepared images in, one prepared array per corruption and severity out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from common.data.arrays import load
from common.data.corruptions.settings import FILE_NAME, CorruptedSettings
from common.data.manifests import Manifest, content_hash
from common.data.prepare import write_prepared
from common.strict import BadInputError, suggest

if TYPE_CHECKING:
    from common.data.canonical import Array

PHOTOGRAPHS = "frost_photographs"


def make_corrupted(dataset: str, settings: CorruptedSettings, root: Path = Path()) -> Manifest:
    """Write the arrays `<corruption>_<severity>` and `labels` of `dataset` and its manifest.

    Raises BadInputError when the source or the photographs of frost are missing or don't fit the settings.
    """
    return write_prepared(dataset, corrupted_arrays(settings, root), root, _facts(settings, root))


def corrupted_arrays(settings: CorruptedSettings, root: Path = Path()) -> Iterator[tuple[str, Array]]:
    """The labels, then every corruption at every severity: uint8, of the shape of the source's images.

    That is [images, height, width, 3], or [images, height, width] where they are grey (`greys.py`).
    """
    from common.data.corruptions.batches import corrupt
    from common.data.corruptions.greys import in_colour, in_grey, is_grey

    images = _first(settings, settings.images, root)
    grey = is_grey(images)
    images = in_colour(images) if grey else images
    yield "labels", _first(settings, settings.labels, root)
    photographs = _photographs(root) if "frost" in settings.names() else []
    for corruption in settings.names():
        for severity in settings.severities:
            corrupted = corrupt(images, corruption, severity, settings.seed, photographs)
            yield f"{corruption}_{severity}", in_grey(corrupted) if grey else corrupted


def _first(settings: CorruptedSettings, name: str, root: Path) -> Any:
    arrays = load(settings.source, root)
    if name not in arrays:
        raise BadInputError(f"Data set '{settings.source}' has no array '{name}'.{suggest(name, arrays)}")
    if len(arrays[name]) < settings.first:
        raise BadInputError(
            f"Array '{name}' of data set '{settings.source}' has {len(arrays[name])} rows, fewer than the "
            f"{settings.first} wanted. Lower 'first' in {FILE_NAME}."
        )
    return arrays[name][: settings.first]


def _photographs(root: Path) -> Sequence[Any]:
    """The photographs of frost in the order of their names, uint8 [height, width, 3]."""
    arrays = load(PHOTOGRAPHS, root)
    return [arrays[name] for name in sorted(arrays)]


def _facts(settings: CorruptedSettings, root: Path) -> dict[str, JsonValue]:
    names = settings.names()
    sources = [settings.source, *([PHOTOGRAPHS] if "frost" in names else [])]
    return {
        "derived_from": {source: content_hash(source, root) for source in sources},
        "images": f"the first {settings.first} of {settings.images}",
        "corruptions": list(names),
        "severities": list(settings.severities),
        "seed": settings.seed,
    }
