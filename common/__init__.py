"""What two tracks or more share."""

from common import torchvision_repair

# Here, because whatever imports torchvision or timm in this repository has imported something of `common`.
torchvision_repair.install()
