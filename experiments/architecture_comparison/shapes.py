"""What an architecture is told about the images, and what it says where they don't fit."""

from __future__ import annotations

from dataclasses import dataclass

from common.strict import BadInputError


@dataclass(frozen=True)
class ImageShape:
    """Square images `[channels, side, side]` of so many classes; `drop_path` is the recipe's."""

    channels: int
    side: int
    classes: int
    drop_path: float = 0.0

    def patches(self, patch: int) -> int:
        """Patches along a side; raises BadInputError where they don't fill it."""
        if self.side % patch:
            sizes = [size for size in range(1, self.side + 1) if self.side % size == 0]
            raise BadInputError(
                f"Images of {self.side} pixels can't be cut into patches of {patch}; set 'patch' to one of "
                f"{', '.join(map(str, sizes))}, or the data's 'side' to a multiple of {patch}."
            )
        return self.side // patch
