"""ResNet-18 for images of 32 x 32: timm's, with a stem that keeps their resolution."""

from __future__ import annotations

from torch import Tensor, nn


class SmallImageResNet18(nn.Module):
    """He et al. 2016 (arXiv 1512.03385), table 1, with a 3x3 stem of stride 1 and no max-pooling."""

    def __init__(self, classes: int, channels: int = 3) -> None:
        import timm

        super().__init__()
        self.body = timm.create_model("resnet18", num_classes=0, in_chans=channels, zero_init_last=False)
        self.body.conv1 = nn.Conv2d(channels, 64, 3, padding=1, bias=False)
        nn.init.kaiming_normal_(self.body.conv1.weight, mode="fan_out", nonlinearity="relu")
        self.body.maxpool = nn.Identity()
        self.classifier = nn.Linear(512, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits `[batch, classes]` of images `[batch, channels, h, w]`."""
        logits: Tensor = self.classifier(self.features(x))
        return logits

    def features(self, x: Tensor) -> Tensor:
        """Penultimate features `[batch, 512]` of images `[batch, channels, h, w]`."""
        features: Tensor = self.body(x)
        return features


def resnet18(classes: int, channels: int) -> nn.Module:
    """A freshly initialised network."""
    return SmallImageResNet18(classes, channels)
