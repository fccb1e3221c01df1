"""A paper with a real step: a network of the unlearning track, trained for two seconds on grey squares."""

from __future__ import annotations

from tests.workflow.repository import Repository
from tests.workflow.toy_papers import write

SQUARES_STAGE = """
  squares:
    cmd: PATH=".venv/bin:$PATH" python -m experiments.unlearning.toy_training.prepare_squares
    outs:
      - data/prepared/toy_squares
      - data/manifests/toy_squares.json: {cache: false, persist: true}
"""

TOY_TRAINING = {
    "experiments/unlearning/toy_training/prepare_squares.py": '''\
"""Prepare grey squares, as bright as their class, under noise."""

from pathlib import Path

import numpy as np

from common.data.prepare import write_prepared


def arrays():
    """Images and labels of both splits."""
    generator = np.random.default_rng(0)
    for split, count in (("train", 60), ("test", 30)):
        labels = np.arange(count, dtype=np.int64) % 3
        images = 60 + 60 * labels[:, None, None] + generator.normal(0, 40, (count, 8, 8))
        yield f"{split}_images", np.clip(images, 0, 255).astype(np.uint8)
        yield f"{split}_labels", labels


if __name__ == "__main__":
    write_prepared("toy_squares", arrays(), Path(), facts={})
''',
    "experiments/unlearning/toy_training/config.yaml": """\
paper: toy_training
track: unlearning
scales:
  smoke: &all
    seeds: 1
    steps:
      original:
        entry: experiments.unlearning.original
        methods: {training: {}}
        artefact: original.pt
        datasets: [toy_squares]
        settings:
          data: {dataset: toy_squares, network: resnet8_quarter, classes: 3, validation_share: 0.1, margin: 1}
          training: {epochs: 60, batch_size: 9, schedule: cosine}
          training_rate: 0.1
          early_epochs: 1
  full: *all
""",
    "papers/toy_training/paper.yaml": """\
{id: toy_training, track: unlearning, title: Squares, authors: [Kazimir Malevich], year: 1915,
  venue: Petrograd, summary: Squares are grey.}
""",
}


def write_toy_training(repository: Repository) -> None:
    """Add the paper, and its prepared data, to a copy of the repository."""
    write(TOY_TRAINING, repository.path)
    with (repository.path / "dvc.yaml").open("a") as stages:
        stages.write(SQUARES_STAGE)
    answer = repository.run("python", "-m", "experiments.unlearning.toy_training.prepare_squares")
    assert answer.returncode == 0, answer.stderr
