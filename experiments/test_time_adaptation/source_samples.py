"""The images of the source that a method is given, prepared or in a folder that the user names."""

from __future__ import annotations

from pathlib import Path

import torch

from common.data.arrays import load
from common.strict import BadInputError
from experiments.test_time_adaptation.image_files import ImageFiles, StandardisedFiles, files_by_class
from experiments.test_time_adaptation.online import SourceSample
from experiments.test_time_adaptation.source_model import SourceModel


def prepared_sample(
    dataset: str, root: Path, count: int, source: SourceModel, device: torch.device
) -> SourceSample:
    """The first `count` training images of a prepared data set."""
    arrays = load(dataset, root)
    images, labels = (
        torch.tensor(arrays[f"train_{part}"][:count]).to(device) for part in ("images", "labels")
    )
    return SourceSample(source.standardise(images), labels.long())


def folder_sample(
    folder: Path, count: int, side: int | None, source: SourceModel, device: torch.device
) -> SourceSample:
    """`count` training images, the first of each class alike, which stay on disk until a batch is read.

    Raises BadInputError where `count` is no multiple of the classes, or a class has fewer.
    """
    each, left = divmod(count, source.classes)
    if left or not each:
        raise BadInputError(
            f"'source_images' is {count}, which {source.classes} classes can't share alike; take a multiple."
        )
    chosen = files_by_class(folder, "train", source.classes)
    for files in chosen:
        if len(files) < each:
            raise BadInputError(
                f"{files[0].parent} holds {len(files)} picture(s), and 'source_images' asks for {each} of a "
                f"class. Name the folder of all training images, or lower it."
            )
    images = ImageFiles([file for files in chosen for file in files[:each]], device, side)
    labels = torch.arange(source.classes, device=device).repeat_interleave(each)
    return SourceSample(StandardisedFiles(images, source.standardise), labels)
