"""What Omniglot is, whichever format it comes in: alphabets, characters and the canonical arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from common.data.canonical import Array
from common.data.decoders import Decoded

SPLITS = ("background", "evaluation")
DRAWINGS = 20
SIDE = 105  # pixels of a drawing both ways

Character = tuple[str, str]  # alphabet and character: ("Greek", "character01")
Drawings = NDArray[np.bool_]  # [characters, 20, 105, 105], ink is True


def decoded(drawings: Mapping[str, Drawings], characters: Mapping[str, list[Character]]) -> Decoded:
    """Per split `<split>_images` [characters, 20, 105, 105] (bool, ink True) and `<split>_alphabets` (int64).

    `characters` names the rows of `drawings`. Canonical rows are sorted by alphabet and character; an
    alphabet is given by its place in the facts' list of the split.
    """
    facts = {f"{split}_alphabets": sorted({name for name, _ in characters[split]}) for split in SPLITS}
    names = {
        f"{split}_characters": [f"{alphabet}/{name}" for alphabet, name in sorted(characters[split])]
        for split in SPLITS
    }
    return Decoded(_arrays(drawings, characters), {**facts, **names})  # type: ignore[dict-item]


def _arrays(
    drawings: Mapping[str, Drawings], characters: Mapping[str, list[Character]]
) -> Iterator[tuple[str, Array]]:
    for split in SPLITS:
        rows = characters[split]
        order = sorted(range(len(rows)), key=rows.__getitem__)
        alphabets = sorted({alphabet for alphabet, _ in rows})
        yield f"{split}_images", drawings[split][order]
        yield (
            f"{split}_alphabets",
            np.array([alphabets.index(rows[row][0]) for row in order], dtype=np.int64),
        )
