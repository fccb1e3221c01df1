"""Which of Omniglot's characters are base, validation and novel: as published, or at random."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from common.strict import BadInputError
from experiments.few_shot.omniglot import TURNS
from experiments.few_shot.partitions import ClassPartition
from experiments.few_shot.protocol import Rotations

# The split of the official code of Snell, Swersky, Zemel 2017 (arXiv 1703.05175; "vinyals"): 1028, 172 and
# 423 characters. Whole alphabets, but for Gurmukhi, whose last characters are novel; all others are base.
VINYALS_VALIDATION = frozenset({"Armenian", "Bengali", "Early_Aramaic", "Hebrew", "Mkhedruli_(Georgian)"})
VINYALS_NOVEL = frozenset(
    {
        "Kannada",
        "Keble",
        "Malayalam",
        "Manipuri",
        "Mongolian",
        "Old_Church_Slavonic_(Cyrillic)",
        "Oriya",
        "Sylheti",
        "Syriac_(Serto)",
        "Tengwar",
        "Tibetan",
        "ULOG",
    }
)
VINYALS_DIVIDED = "Gurmukhi"
VINYALS_LAST_BASE = "character41"  # of the divided alphabet


def vinyals_partition(names: Sequence[str]) -> ClassPartition:
    """The published split of characters `<alphabet>/<character>`.

    Raises BadInputError where one of its alphabets is missing.
    """
    alphabets = [name.split("/")[0] for name in names]
    missing = sorted({*VINYALS_VALIDATION, *VINYALS_NOVEL, VINYALS_DIVIDED} - set(alphabets))
    if missing:
        raise BadInputError(
            f"The split omniglot_vinyals names {len(missing)} alphabet(s) that the drawings lack, among them "
            f"'{missing[0]}'. Type: python -m common.rules.prepare omniglot"
        )
    parts: dict[str, list[int]] = {"base": [], "validation": [], "novel": []}
    for place, name in enumerate(names):
        parts[_vinyals_part(*name.split("/"))].append(place)
    return ClassPartition(**{part: tuple(places) for part, places in parts.items()})


def lake_partition(
    alphabets: Sequence[str], background: int, validation: int, generator: torch.Generator
) -> ClassPartition:
    """Background characters are base, the others novel; some background alphabets are kept for validation.

    Args:
        alphabets: of each character.
        background: the first so many characters are those of the background alphabets.
        validation: how many alphabets; drawn at random, as no such split is published.
        generator: on the CPU.
    """
    known = sorted(set(alphabets[:background]))
    if validation >= len(known):
        raise BadInputError(
            f"{validation} validation alphabets leave none of the {len(known)} background alphabets to train "
            "on; lower 'validation'."
        )
    drawn = {known[place] for place in torch.randperm(len(known), generator=generator)[:validation].tolist()}
    kept_out = tuple(place for place in range(background) if alphabets[place] in drawn)
    base = tuple(sorted(set(range(background)) - set(kept_out)))
    return ClassPartition(base, kept_out, tuple(range(background, len(alphabets))))


def turned_partition(characters: ClassPartition, rotations: Rotations) -> ClassPartition:
    """Classes of characters that are turned: the class of turn t of character c is 4c + t."""

    def classes(places: tuple[int, ...], turns: int) -> tuple[int, ...]:
        return tuple(TURNS * place + turn for place in places for turn in range(turns))

    base, others = {"none": (1, 1), "base": (TURNS, 1), "all": (TURNS, TURNS)}[rotations]
    return ClassPartition(
        classes(characters.base, base),
        classes(characters.validation, others),
        classes(characters.novel, others),
    )


def _vinyals_part(alphabet: str, character: str) -> str:
    if alphabet in VINYALS_VALIDATION:
        return "validation"
    beyond = alphabet == VINYALS_DIVIDED and character > VINYALS_LAST_BASE
    return "novel" if alphabet in VINYALS_NOVEL or beyond else "base"
