"""Training under a recipe: the same loop for every network of the track.

All chance of an epoch comes from streams of its own: after a kill a training goes on as it would have.
"""

from __future__ import annotations

import math
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from common.checkpoints import Progress
from common.strict import BadInputError
from common.training.descent import predict, scheduled
from common.training.image_set import ImageSet, batch_count
from common.training.seeding import generator, stream_seed
from experiments.architecture_comparison.augmentation import Mixing, erase, random_augmented
from experiments.architecture_comparison.settings import RecipeSettings


@dataclass
class Training:
    """Trains `network` in place, on the device that it and the images are on.

    Attributes:
        learning_rate: the highest, which the warm-up ends with.
        seed: of order, augmentation, dropping and mixing; initialisation is over by then.
    """

    network: nn.Module
    recipe: RecipeSettings
    learning_rate: float
    seed: int

    def run(self, images: ImageSet, progress: Progress | None = None) -> list[float]:
        """Each epoch's mean loss; raises BadInputError where it isn't finite, or there's one image."""
        if len(images) < 2:
            raise BadInputError(f"There are {len(images)} image(s) to train on; give 'images' two or more.")
        self._optimiser = optimiser(self.network, self.recipe, self.learning_rate)
        compiled = self.recipe.compiled
        self._forward = torch.compile(self.network, dynamic=False) if compiled else self.network
        self.network.train()
        progress = progress or Progress()
        losses = self._restore(progress.load())
        epochs = range(len(losses), self.recipe.epochs)
        for epoch in tqdm(epochs, "epochs", disable=None, leave=False):
            losses.append(self._epoch(images, epoch))
            progress.save(lambda: self._state(losses))
        return losses

    def _state(self, losses: list[float]) -> dict[str, Any]:
        states = {"network": self.network.state_dict(), "optimiser": self._optimiser.state_dict()}
        return {**states, "losses": losses}

    def _restore(self, state: dict[str, Any] | None) -> list[float]:
        if state is None:
            return []
        self.network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        losses: list[float] = state["losses"]
        return losses

    def _epoch(self, images: ImageSet, epoch: int) -> float:
        """One pass; the networks' own draws, such as dropped paths, come from torch's generator, seeded."""
        recipe, batches = self.recipe, batch_count(len(images), self.recipe.batch_size)
        if recipe.random_augment:
            images = random_augmented(images, stream_seed(self.seed, f"augmentation {epoch}"))
        mixing = Mixing(recipe.mixup, recipe.cutmix, stream_seed(self.seed, f"mixing {epoch}"))
        total = torch.zeros((), device=images.images.device)
        with torch.random.fork_rng():
            torch.manual_seed(stream_seed(self.seed, f"dropping {epoch}"))
            order = generator(self.seed, f"order {epoch}")
            for place, batch in enumerate(images.shuffled(recipe.batch_size, order)):
                share = share_of_rate(recipe, (epoch + place / batches) / recipe.epochs)
                for group in self._optimiser.param_groups:
                    group["lr"] = self.learning_rate * share
                pixels = erase(batch.images, recipe.erasing) if recipe.erasing else batch.images
                total += self._step(pixels, batch.labels, mixing)
        mean = float(total) / batches
        if not math.isfinite(mean):
            raise BadInputError(
                f"The training loss became {mean} in epoch {epoch + 1}; take {self.learning_rate} out of the "
                f"learning rates, or lower it."
            )
        return mean

    def _step(self, images: Tensor, labels: Tensor, mixing: Mixing) -> Tensor:
        reduced = self.recipe.precision == "bfloat16"
        # A smaller last batch isn't worth a compilation of its own.
        forward = self._forward if len(images) == self.recipe.batch_size else self.network
        mixed, targets = mixing.mixed(images, labels)
        with torch.autocast(images.device.type, torch.bfloat16) if reduced else nullcontext():
            logits: Tensor = forward(mixed)
        loss = targets.loss(logits.float(), self.recipe.label_smoothing)
        self._optimiser.zero_grad()
        loss.backward()
        if self.recipe.largest_gradient is not None:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.largest_gradient, foreach=True)
        self._optimiser.step()
        return loss.detach()


def optimiser(network: nn.Module, recipe: RecipeSettings, learning_rate: float) -> torch.optim.Optimizer:
    """The recipe's optimiser over all parameters, of which matrices alone decay if it says so."""
    decayed: list[nn.Parameter] = []
    spared: list[nn.Parameter] = []
    for name, parameter in network.named_parameters():
        vector = parameter.ndim < 2 or "token" in name or "position" in name or "pos_embed" in name
        (spared if vector and recipe.no_decay_of_vectors else decayed).append(parameter)
    groups = [
        {"params": decayed, "weight_decay": recipe.weight_decay},
        {"params": spared, "weight_decay": 0.0},
    ]
    match recipe.optimiser:
        case "adamw":
            return torch.optim.AdamW(groups, lr=learning_rate, foreach=True)
        case "sgd":
            momentum, nesterov = recipe.momentum, recipe.nesterov
            return torch.optim.SGD(
                groups, lr=learning_rate, momentum=momentum, nesterov=nesterov, foreach=True
            )
        case "adadelta":
            # rho and eps as SimpleNet's authors have them, not torch's; the large eps is part of the method.
            return torch.optim.Adadelta(groups, lr=learning_rate, rho=0.9, eps=1e-3, foreach=True)
        case "lamb":
            from timm.optim.lamb import Lamb

            return Lamb(groups, lr=learning_rate)


def share_of_rate(recipe: RecipeSettings, progress: float) -> float:
    """The share of the highest learning rate that is due after `progress`, in [0, 1), of the training."""
    fallen: float = 0.1 ** sum(progress >= fall for fall in recipe.falls)
    return scheduled(recipe, progress) * fallen


def accuracy(network: nn.Module, images: ImageSet) -> float:
    """Percent of the images that the network gets right, in evaluation mode."""
    right = predict(network, images).argmax(1) == images.labels
    return float(right.double().mean() * 100)
