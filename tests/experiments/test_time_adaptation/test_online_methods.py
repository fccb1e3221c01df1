"""Each online method beside its definition, worked out by hand, by loops or by torch's own layers."""

from __future__ import annotations

import copy
import dataclasses
import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.strict import BadInputError
from experiments.test_time_adaptation.baselines import (
    bn_adapt,
    bn_prior,
    cotta,
    delta,
    eata,
    lame,
    memo,
    rotta,
    sar,
    shot_im,
    source,
    t3a,
    tent,
)
from experiments.test_time_adaptation.cafa.methods import cafa
from experiments.test_time_adaptation.entropy import cross_entropy, entropy, entropy_of_mean
from experiments.test_time_adaptation.normalisation import batch_moments, use_batch_statistics
from experiments.test_time_adaptation.self_learning.methods import hard_pl, rpl, soft_pl
from tests.experiments.test_time_adaptation.online_methods import images, network, start

LEARNING = [tent, shot_im, eata, sar, cotta, delta, cafa, hard_pl, soft_pl, rpl]
ALL = [source, bn_adapt, bn_prior, t3a, lame, rotta, memo, *LEARNING]


@pytest.mark.parametrize("module", ALL)
def test_a_batch_is_predicted_and_a_method_repeats(module: Any) -> None:
    options: dict[str, Any] = {"views": 3} if module in (memo, cotta) else {}
    answers = []
    for _ in range(2):
        adapter = module.online(start(module, **options))
        answers.append([adapter.step(images(seed=seed)) for seed in range(3)])
    for first, second in zip(*answers, strict=True):
        assert first.shape == (6, 3)
        assert not first.requires_grad
        assert torch.equal(first, second)


@pytest.mark.parametrize(
    "module", [tent, shot_im, eata, sar, delta, cafa, bn_adapt, hard_pl, soft_pl, rpl, cotta]
)
def test_a_batch_of_one_is_refused(module: Any) -> None:
    with pytest.raises(BadInputError, match="A batch of one image has no statistics"):
        module.online(start(module)).step(images(1))


@pytest.mark.parametrize("module", [tent, shot_im, eata, delta, cafa, bn_adapt, rotta, cotta])
def test_a_network_without_batch_normalisation_is_refused(module: Any) -> None:
    without = network(normalisation=lambda channels: nn.GroupNorm(1, channels))
    with pytest.raises(BadInputError, match="batch normalisation, which the network doesn't have"):
        module.online(start(module, without))


@pytest.mark.parametrize("module", [source, t3a, lame, sar, memo])
def test_methods_of_single_images_and_of_any_normalisation(module: Any) -> None:
    without = network(normalisation=lambda channels: nn.GroupNorm(1, channels))
    options: dict[str, Any] = {"views": 3} if module is memo else {}
    assert module.online(start(module, without, **options)).step(images(1)).shape == (1, 3)


def test_entropies_worked_out_by_hand() -> None:
    logits = torch.tensor([[0.0, 0.0], [math.log(3.0), 0.0]])
    of_quarter = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    torch.testing.assert_close(entropy(logits), torch.tensor([math.log(2.0), of_quarter]))
    of_mean = -(0.625 * math.log(0.625) + 0.375 * math.log(0.375))
    assert float(entropy_of_mean(logits)) == pytest.approx(of_mean)
    crossed = cross_entropy(logits[1:], logits[:1])
    assert float(crossed) == pytest.approx(-(0.5 * math.log(0.75) + 0.5 * math.log(0.25)))


def manual_step(loss: Any, adapted: Any, rate: float = 0.1) -> tuple[Tensor, nn.Module]:
    """Logits before, and the network after, one step of gradient descent on a loss of the logits."""
    made: Any = network()
    use_batch_statistics(made)
    chosen = [parameter for name, parameter in made.named_parameters() if adapted(name)]
    logits = made(images())
    for parameter, gradient in zip(chosen, torch.autograd.grad(loss(logits), chosen), strict=True):
        parameter.data -= rate * gradient
    return logits.detach(), made


def mean_entropy(logits: Tensor) -> Tensor:
    return -(logits.softmax(1) * logits.log_softmax(1)).sum(1).mean()


def diversity(logits: Tensor) -> Tensor:
    mean = logits.softmax(1).mean(0)
    return mean_entropy(logits) + (mean * mean.log()).sum()


@pytest.mark.parametrize(
    ("module", "loss", "adapted"),
    [
        (tent, mean_entropy, lambda name: "norm" in name),
        (shot_im, diversity, lambda name: "classifier" not in name),
        (hard_pl, lambda z: F.cross_entropy(z, z.argmax(1)), lambda name: "norm" in name),
    ],
)
def test_one_step_down_the_gradient(module: Any, loss: Any, adapted: Any) -> None:
    before, expected = manual_step(loss, adapted)
    begun = start(module)
    logits = module.online(begun).step(images())
    torch.testing.assert_close(logits, before)
    for found, wanted in zip(begun.network.parameters(), expected.parameters(), strict=True):
        torch.testing.assert_close(found, wanted)


def test_the_prior_weighs_source_and_batch() -> None:
    layer = nn.BatchNorm2d(2)
    layer.load_state_dict({**layer.state_dict(), "running_mean": torch.ones(2)})
    made = bn_prior.PriorNormalisation(layer, prior=6.0)
    x = torch.randn(2, 2, 3, 3, generator=torch.Generator().manual_seed(0))
    mean, variance = batch_moments(x)
    mean, variance = 0.75 + 0.25 * mean, 0.75 + 0.25 * variance
    expected = (x - mean[:, None, None]) / (variance[:, None, None] + 1e-5).sqrt()
    torch.testing.assert_close(made(x), expected)


def test_without_a_prior_the_batch_alone_counts_and_with_a_large_one_the_source() -> None:
    batch = images()
    alone = bn_adapt.online(start(bn_adapt)).step(batch)
    made = network()
    use_batch_statistics(made)
    torch.testing.assert_close(alone, made(batch).detach())
    large = bn_prior.online(start(bn_prior, prior=1e9)).step(batch)
    torch.testing.assert_close(large, network()(batch).detach(), rtol=1e-4, atol=1e-4)


# ---- T3A


def test_supports_are_kept_by_their_entropy_in_each_class() -> None:
    rows = torch.eye(3)
    supports = t3a.SupportSet(rows, 9 * rows, kept=2)  # certain, so that they stay
    features = torch.tensor([[1.0, 1.0, 0.0], [2.0, 0.0, 1.0], [0.0, 3.0, 1.0]])
    logits = torch.tensor([[2.0, 1.0, 0.0], [4.0, 0.0, 0.0], [0.0, 1.0, 0.5]])
    supports.add(features, logits)
    held = {tuple(round(value, 4) for value in row) for row in supports.supports.tolist()}
    unit = F.normalize(features)
    kept = [*rows, unit[1], unit[2]]  # of class 0 the first is less certain than the second
    assert held == {tuple(round(value, 4) for value in row.tolist()) for row in kept}
    expected = F.normalize(torch.stack([rows[0] + unit[1], rows[1] + unit[2], rows[2]]))
    torch.testing.assert_close(supports.prototypes(), expected)


def test_supports_beside_a_loop_over_classes() -> None:
    draws = torch.Generator().manual_seed(0)
    supports = t3a.SupportSet(torch.randn(4, 5, generator=draws), 3 * torch.eye(4), kept=3)
    everything: list[tuple[int, float, Tensor]] = [
        (int(label), float(doubt), row)
        for label, doubt, row in zip(supports.classes, supports.entropies, supports.supports, strict=True)
    ]
    for _ in range(3):
        features, logits = torch.randn(10, 5, generator=draws), torch.randn(10, 4, generator=draws)
        supports.add(features, logits)
        for row, of_row in zip(features, logits, strict=True):
            everything.append((int(of_row.argmax()), float(entropy(of_row[None])), F.normalize(row[None])[0]))
    for label in range(4):
        best = sorted((item for item in everything if item[0] == label), key=lambda item: item[1])[:3]
        expected = F.normalize(torch.stack([item[2] for item in best]).sum(0)[None])[0]
        torch.testing.assert_close(supports.prototypes()[label], expected)


# ---- LAME


def test_affinity_holds_the_nearest_directions() -> None:
    features = torch.tensor([[1.0, 0.0], [5.0, 0.1], [0.0, 1.0], [0.1, 1.0]])
    expected = torch.tensor([[0.0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
    assert torch.equal(lame.affinity(features, 1), expected)
    assert torch.equal(lame.affinity(features, 9), 1 - torch.eye(4))


def test_assignments_are_a_fixed_point_and_neighbours_pull() -> None:
    log_p = torch.tensor([[0.6, 0.4], [0.9, 0.1], [0.45, 0.55]]).log()
    kernel = 1 - torch.eye(3)
    found = lame.agree(log_p, kernel)
    torch.testing.assert_close(found, (log_p + kernel @ found).softmax(1), rtol=1e-3, atol=1e-3)
    assert found.argmax(1).tolist() == [0, 0, 0]
    torch.testing.assert_close(lame.agree(log_p, torch.zeros(3, 3)), log_p.exp())


# ---- EATA


def test_unsure_and_redundant_images_do_not_count() -> None:
    adapter = eata.online(start(eata, penalty=0.0, likeness=0.5))
    logits = torch.tensor([[9.0, 0.0, 0.0], [0.0, 0.1, 0.0], [0.0, 9.0, 0.0]])
    threshold = 0.4 * math.log(3)
    assert adapter._chosen(logits, entropy(logits), threshold).tolist() == [True, False, True]
    average = logits[[0, 2]].softmax(1).mean(0)
    torch.testing.assert_close(adapter.average, average)
    assert adapter._chosen(logits, entropy(logits), threshold).tolist() == [
        False,
        False,
        False,
    ]  # cosine 0.71
    new = torch.tensor([[0.0, 0.0, 9.0]])
    assert adapter._chosen(new, entropy(new), threshold).tolist() == [True]
    torch.testing.assert_close(adapter.average, 0.9 * average + 0.1 * new.softmax(1)[0])


def test_the_penalty_draws_back_to_the_source() -> None:
    adapter = eata.online(start(eata, penalty=2.0))
    assert float(adapter._penalty().detach()) == 0
    with torch.no_grad():
        for parameter in adapter.parameters:
            parameter.add_(0.5)
    assert adapter.information is not None
    expected = 2.0 * 0.25 * sum(float(part.sum()) for part in adapter.information)
    assert float(adapter._penalty().detach()) == pytest.approx(expected, rel=1e-5)
    assert expected > 0


def test_the_information_is_the_squared_gradient_on_the_networks_own_labels() -> None:
    adapter = eata.online(begun := start(eata))
    made: Any = network()
    use_batch_statistics(made)
    assert begun.sample is not None
    logits = made(begun.sample.images)  # thirty images are one batch
    F.cross_entropy(logits, logits.argmax(1)).backward()
    expected = [p.grad.square() for name, p in made.named_parameters() if "norm" in name]
    assert adapter.information is not None
    for found, wanted in zip(adapter.information, expected, strict=True):
        torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize(("module", "found"), [(eata, "information"), (cafa, "gaussians")])
def test_a_reset_reads_the_source_from_memory(module: Any, found: str) -> None:
    first = start(module)
    again = dataclasses.replace(first, network=network(seed=5))  # were it read anew, it would be another
    values = [getattr(module.online(begun), found) for begun in (first, again)]
    if module is cafa:
        values = [(gaussians.means, gaussians.whitening) for gaussians in values]
    for one, other in zip(*values, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_a_penalty_without_images_of_the_source_is_refused() -> None:
    begun = dataclasses.replace(start(eata), sample=None)
    with pytest.raises(BadInputError, match="needs images of the source"):
        eata.online(begun)


# ---- SAR


def test_a_small_radius_is_plain_descent_and_the_last_stage_stays() -> None:
    def reliable_entropy(logits: Tensor) -> Tensor:
        entropies = entropy(logits)
        return entropies[entropies < 0.99 * math.log(3)].mean()

    _, expected = manual_step(reliable_entropy, lambda name: "norm" in name and "stages.2" not in name)
    begun = start(sar, radius=1e-9, margin=0.99, floor=0.0)
    sar.online(begun).step(images())
    for found, wanted in zip(begun.network.parameters(), expected.parameters(), strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)


def test_the_gradient_is_taken_at_the_top_of_the_perturbation() -> None:
    """Two steps by hand: up by rho along the unit gradient, then down from where it began."""
    made: Any = network()
    use_batch_statistics(made)
    chosen = [p for name, p in made.named_parameters() if "norm" in name and "stages.2" not in name]
    gradients = torch.autograd.grad(mean_entropy(made(images())), chosen)
    length = math.sqrt(sum(float(gradient.square().sum()) for gradient in gradients))
    began = [parameter.detach().clone() for parameter in chosen]
    for parameter, gradient in zip(chosen, gradients, strict=True):
        parameter.data += 0.2 * gradient / length
    above = torch.autograd.grad(mean_entropy(made(images())), chosen)
    begun = start(sar, radius=0.2, margin=1.1, floor=0.0)  # 1.1 ln C: every image is reliable
    adapter = sar.online(begun)
    adapter.step(images())
    for found, origin, gradient in zip(adapter.parameters, began, above, strict=True):
        torch.testing.assert_close(found.detach(), origin - 0.1 * gradient, rtol=1e-4, atol=1e-5)


def test_a_collapse_starts_the_network_anew() -> None:
    begun = start(sar, margin=0.99, floor=100.0)
    sar.online(begun).step(images())
    for found, wanted in zip(begun.network.parameters(), network().parameters(), strict=True):
        assert torch.equal(found, wanted)


# ---- CoTTA and RoTTA


def test_the_first_batch_is_renormalised_as_torch_normalises_it() -> None:
    layer = nn.BatchNorm2d(3)
    renormalised = delta.Renormalisation(copy.deepcopy(layer), memory=0.95)
    x = torch.randn(4, 3, 5, 5, generator=torch.Generator().manual_seed(0), requires_grad=True)
    weights = torch.randn(4, 3, 5, 5, generator=torch.Generator().manual_seed(1))
    plain, ours = (torch.autograd.grad((made(x) * weights).sum(), x)[0] for made in (layer, renormalised))
    torch.testing.assert_close(ours, plain, rtol=1e-4, atol=1e-5)


def test_later_batches_are_set_by_the_averages() -> None:
    renormalised = delta.Renormalisation(nn.BatchNorm2d(3), memory=0.95)
    first, second = torch.randn(2, 4, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    renormalised(first)
    mean, variance = batch_moments(first)
    expected = (second - mean[:, None, None]) / (variance[:, None, None] + 1e-5).sqrt()
    torch.testing.assert_close(renormalised(second).detach(), expected, rtol=1e-4, atol=1e-5)
    assert renormalised.average is not None
    torch.testing.assert_close(renormalised.average[0], 0.95 * mean + 0.05 * batch_moments(second)[0])


def test_frequent_classes_weigh_less() -> None:
    weights = delta.inverse_frequency(torch.tensor([0, 0, 1]), torch.tensor([0.5, 0.25, 0.25]))
    torch.testing.assert_close(weights, torch.tensor([0.75, 0.75, 1.5]))


def test_soft_pseudo_labels_stay_beside_batch_statistics() -> None:
    """The teacher is the source network: the gradient is rounding, which Adam's steps can't add up."""
    begun = dataclasses.replace(start(soft_pl), optimiser=lambda own: torch.optim.Adam(own, lr=0.001))
    taught, plain = soft_pl.online(begun), bn_adapt.online(start(bn_adapt))
    for seed in range(20):
        answers = [adapter.step(images(32, seed)) for adapter in (taught, plain)]
        torch.testing.assert_close(*answers, rtol=0, atol=0.02)


def test_soft_pseudo_labels_draw_a_strayed_student_back_to_the_source() -> None:
    adapter = soft_pl.online(start(soft_pl, rate=0.05))
    assert isinstance(adapter, soft_pl.SoftPseudoLabels)
    with torch.no_grad():
        for parameter in adapter.parameters:
            parameter.mul_(1.5)

    def apart() -> float:
        with torch.no_grad():
            return float((adapter.network(images(30)) - adapter.teacher(images(30))).square().mean())

    before = apart()
    for _ in range(10):
        adapter.step(images(30))
    assert apart() < before
