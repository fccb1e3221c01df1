"""SimpleNet, its slim variants, and every network of its design rules' ablation.

Seyyed Hossein Hasanpour, Mohammad Rouhani, Mohsen Fayyaz, Mohammad Sabokrou: Lets keep it simple, Using
simple architectures to outperform deeper and more complex architectures, arXiv 1608.06037.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from torch import Tensor, nn

from common.strict import BadInputError, StrictModel
from experiments.architecture_comparison.shapes import ImageShape
from experiments.architecture_comparison.simplenet.plan import Convolution, read_plan

UNNORMALISED = 3  # of the Caffe network's convolutions, the last so many have no batch normalisation
MOMENTUM = 0.05  # of batch statistics; Caffe counts from the other end, .95


class Settings(StrictModel):
    """A stack of [convolution, BN, ReLU], poolings between them, and one pooling of the whole map at the end.

    Attributes:
        plan: widths, kernels and poolings, as `plan.py` reads them.
        reduction: halve a map by max-pooling, or by a stride of 2 in the convolution that it would follow.
        summary: of the last map, its maximum or its mean.
        dropout: the rate; 0: none.
        dropout_at: after every convolution and its pooling, or before the classifier alone.
        layout: `caffe` as the paper's own network: no BN in the last three convolutions, and the first
            pooling before its BN; `pytorch` as the authors' later code: BN everywhere, before every pooling.
    """

    plan: list[int | str]
    reduction: Literal["max", "stride"] = "max"
    summary: Literal["max", "mean"] = "max"
    dropout: float = Field(default=0.0, ge=0, lt=1)
    dropout_at: Literal["everywhere", "head"] = "everywhere"
    layout: Literal["caffe", "pytorch"] = "pytorch"


class SimpleNet(nn.Module):
    """The stack, the summary of its last map, and a linear classifier."""

    def __init__(self, settings: Settings, shape: ImageShape) -> None:
        super().__init__()
        layers = read_plan(settings.plan)
        _check_size(layers, shape)
        widths = [shape.channels, *(layer.width for layer in layers)]
        first_pooled = next((place for place, layer in enumerate(layers) if layer.pooled), None)
        blocks: list[nn.Module] = []
        for place, layer in enumerate(layers):
            caffe = settings.layout == "caffe"
            normalised = not (caffe and place >= len(layers) - UNNORMALISED)
            pool_first = caffe and place == first_pooled
            blocks.append(_block(settings, widths[place], layer, normalised, pool_first))
        self.features = nn.Sequential(*blocks)
        self.summary = nn.AdaptiveMaxPool2d(1) if settings.summary == "max" else nn.AdaptiveAvgPool2d(1)
        at_head = settings.dropout if settings.dropout_at == "head" else 0.0
        self.dropout = nn.Dropout(at_head) if at_head else nn.Identity()
        self.classifier = nn.Linear(widths[-1], shape.classes)
        self.apply(_initialise)

    def forward(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]` of images `[batch, channels, side, side]`."""
        summary = self.summary(self.features(images)).flatten(1)
        logits: Tensor = self.classifier(self.dropout(summary))
        return logits


def build(settings: Settings, shape: ImageShape) -> nn.Module:
    """A freshly initialised network; raises BadInputError for a plan that can't be read, or a small image."""
    return SimpleNet(settings, shape)


def _block(
    settings: Settings, before: int, layer: Convolution, normalised: bool, pool_first: bool
) -> nn.Sequential:
    """Convolution, BN, ReLU, pooling, dropout; `pool_first`: the pooling comes before the BN."""
    stride = 2 if layer.pooled and settings.reduction == "stride" else 1
    convolution = nn.Conv2d(before, layer.width, layer.kernel, stride, padding=layer.kernel // 2)
    norm: list[nn.Module] = [nn.BatchNorm2d(layer.width, momentum=MOMENTUM)] if normalised else []
    pooling: list[nn.Module] = [nn.MaxPool2d(2)] if layer.pooled and stride == 1 else []
    everywhere = settings.dropout if settings.dropout_at == "everywhere" else 0.0
    dropout: list[nn.Module] = [nn.Dropout(everywhere)] if everywhere else []
    ordered = [*pooling, *norm, nn.ReLU()] if pool_first else [*norm, nn.ReLU(), *pooling]
    return nn.Sequential(convolution, *ordered, *dropout)


def _check_size(layers: list[Convolution], shape: ImageShape) -> None:
    halvings = sum(layer.pooled for layer in layers)
    if shape.side < 2**halvings:
        raise BadInputError(
            f"Images of {shape.side} pixels can't be halved {halvings} times, as 'plan' asks; take poolings "
            f"out of it, or give the data a 'side' of {2**halvings} or more."
        )


def _initialise(module: nn.Module) -> None:
    """Xavier's, as the paper has it for convolutions (Glorot and Bengio 2010)."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        assert module.bias is not None
        nn.init.zeros_(module.bias)
