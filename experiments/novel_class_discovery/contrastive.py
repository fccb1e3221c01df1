"""Contrastive losses of two views: between views of one image, and between images of one class.

Vaze et al., "Generalized Category Discovery" (CVPR 2022), section 3: L = (1 - λ) L_u + λ L_s, with

    L_u = - log exp(z·z' / t) / Σ_{other views n} exp(z·n / t)     (van den Oord et al. 2018)
    L_s = - mean over views p of the same class of log exp(z·p / t) / Σ_{other views n} exp(z·n / t)
          (Khosla et al. 2020, L_out)

where z are vectors of unit length, and n runs over all views in the batch but z itself.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def info_nce(views: Tensor, temperature: float) -> Tensor:
    """Mean L_u of vectors `[2 * images, d]`, first views before second ones, of any length but 0."""
    images = torch.arange(len(views) // 2, device=views.device).repeat(2)
    return _contrast(views, images, temperature)


def supervised_contrastive(views: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """Mean L_s of vectors `[2 * images, d]` of images with `labels` `[images]`; 0 where there are none."""
    if not len(labels):
        return views.sum() * 0
    return _contrast(views, labels.repeat(2), temperature)


def discovery_contrast(
    views: Tensor, labels: Tensor, labelled_share: float, temperature: float, labelled_temperature: float
) -> Tensor:
    """(1 - λ) L_u of all images and λ L_s of those whose label `[images]` isn't negative."""
    of_images = torch.nonzero(labels >= 0)[:, 0]
    of_views = torch.cat([of_images, of_images + len(labels)])
    supervised = supervised_contrastive(views[of_views], labels[of_images], labelled_temperature)
    return (1 - labelled_share) * info_nce(views, temperature) + labelled_share * supervised


def _contrast(views: Tensor, groups: Tensor, temperature: float) -> Tensor:
    """Mean over views of - log softmax, averaged over the others of the same group."""
    unit = F.normalize(views)
    itself = torch.eye(len(views), dtype=torch.bool, device=views.device)
    cosines = (unit @ unit.T / temperature).masked_fill(itself, -torch.inf)
    positive = (groups[:, None] == groups) & ~itself
    logs = F.log_softmax(cosines, dim=1).masked_fill(~positive, 0)
    return -(logs.sum(dim=1) / positive.sum(dim=1)).mean()
