"""Step `receptive_field`: what the centre of a network's last feature map sees of an image, before and after
training.

Wenjie Luo, Yujia Li, Raquel Urtasun, Richard Zemel: Understanding the Effective Receptive Field in Deep
Convolutional Neural Networks, NeurIPS 2016, arXiv 1701.04128. They take the gradient of the centre's output,
summed over channels. A LayerNorm keeps that sum constant, so here each channel has a random sign, and
gradients are squared before the mean over images.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field, model_validator

from common.records.schema import Name
from common.runs.job import Job, Result
from common.strict import BadInputError, suggest
from experiments.architecture_comparison.settings import ComparisonSettings

State = Literal["initial", "trained"]


class Settings(ComparisonSettings):
    """What is looked at; conditions name the `network` and whether it is `initial` or `trained`.

    Attributes:
        field_images: the first so many test images.
        layers: network -> the module whose output is the last feature map, such as `norm` or `stages`.
        layout: of that output: maps `[n, channels, h, w]`, maps `[n, h, w, channels]`, or tokens
            `[n, tokens, channels]`, row by row, after a class token if one more than a square number.
    """

    field_images: int = Field(ge=1)
    layers: dict[Name, str]
    layout: Literal["channels_first", "channels_last", "tokens"] = "channels_first"

    @model_validator(mode="after")
    def _each_network_has_a_layer(self) -> Settings:
        for name in self.networks:
            if name not in self.layers:
                raise ValueError(f"'layers' lacks the network '{name}'; name the module of its last map")
        return self


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield the size of each network's effective receptive field, and its map as a picture."""
    import torch

    from common.training.seeding import generator
    from experiments.architecture_comparison.facts import ReceptiveFieldFacts
    from experiments.architecture_comparison.gradient_maps import (
        centre_gradients,
        effective_percent,
        mean_distance,
        picture,
    )
    from experiments.architecture_comparison.trial import build, network_facts, open_job

    settings = job.settings
    states = torch.load(_only_input(job), weights_only=True)
    study = open_job(job, "test")
    images = next(study.judged.clean(settings.field_images)).images
    for condition in job.conditions:
        name, state = str(condition["network"]), _state(condition)
        network = build(job, study, name)
        if state == "trained":
            if name not in states:
                raise BadInputError(f"No network '{name}' was kept by training.{suggest(name, states)}")
            network.load_state_dict(states[name])
        signs = generator(job.seed, "signs")
        gradients = centre_gradients(network, images, settings.layers[name], settings.layout, signs)
        metrics = {
            "effective_percent": effective_percent(gradients),
            "mean_distance": mean_distance(gradients),
        }
        track = network_facts(job, study, name, network, "test", "validation")
        facts = ReceptiveFieldFacts(
            state=state,
            field_images=len(images),
            layer=settings.layers[name],
            **track.model_dump(mode="python"),
        )
        yield Result(condition, metrics, facts, pictures={"field": picture(gradients)})


def _state(condition: Mapping[str, Any]) -> State:
    if condition["state"] not in get_args(State):
        raise BadInputError(f"A network's 'state' is initial or trained, not '{condition['state']}'.")
    state: State = condition["state"]
    return state


def _only_input(job: Job[Settings]) -> Path:
    """The trained networks of the one step that is needed."""
    if len(job.inputs) != 1:
        raise BadInputError(
            f"Trained networks come from one step with an artefact, and {len(job.inputs)} are read: name one "
            f"under 'needs'."
        )
    return next(iter(job.inputs.values()))
