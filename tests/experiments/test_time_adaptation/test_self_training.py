from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from common.strict import BadInputError
from experiments.test_time_adaptation.baselines import bn_adapt, source
from experiments.test_time_adaptation.self_learning.losses import entropy, soft_pseudo_label
from experiments.test_time_adaptation.self_learning.methods import ent, hard_pl, rpl, soft_pl
from experiments.test_time_adaptation.self_learning.self_training import SelfTraining, Teacher
from tests.experiments.test_time_adaptation.networks import batch, differing, settings, small_network, state

METHODS: dict[str, Any] = {"ent": ent, "hard_pl": hard_pl, "rpl": rpl, "soft_pl": soft_pl}


class Probe:
    """A loss that notes the logits that it is given, and learns from something whatever they are."""

    def __init__(self) -> None:
        self.students: list[Tensor] = []
        self.teachers: list[Tensor] = []

    def __call__(self, student: Tensor, teacher: Tensor) -> Tensor:
        self.students.append(student.detach().clone())
        self.teachers.append(teacher)
        return student.square().sum()


def adapted_for(teacher: Teacher, epochs: int = 3, steps: int = 2) -> Probe:
    """Two steps per epoch on one and the same batch, so that only the weights tell logits apart."""
    probe = Probe()
    training = SelfTraining(small_network(), probe, teacher, settings(), 0.05)
    for _ in range(epochs):
        for _ in range(steps):
            training.update(batch())
        training.end_epoch()
    for earlier, later in zip(probe.students, probe.students[1:], strict=False):
        assert not torch.equal(earlier, later)  # every step changes the student
    return probe


@pytest.mark.parametrize("teacher", ["same", "instant"])
def test_an_instant_teacher_is_the_student_of_the_step(teacher: Teacher) -> None:
    probe = adapted_for(teacher)
    for student, taught in zip(probe.students, probe.teachers, strict=True):
        assert torch.equal(student, taught)
        assert taught.requires_grad == (teacher == "same")


def test_a_teacher_per_epoch_is_the_student_at_the_end_of_the_epoch_before() -> None:
    probe = adapted_for("epoch")
    for step, taught in enumerate(probe.teachers):
        assert torch.equal(taught, probe.students[2 * (step // 2)])
        assert not taught.requires_grad


def test_a_teacher_that_is_never_renewed_is_the_source() -> None:
    probe = adapted_for("never")
    for taught in probe.teachers:
        assert torch.equal(taught, probe.students[0])
        assert not taught.requires_grad


@pytest.mark.parametrize(
    ("method", "teacher"), [("ent", "same"), ("hard_pl", "epoch"), ("soft_pl", "epoch"), ("rpl", "instant")]
)
def test_each_method_has_the_schedule_of_the_paper(method: str, teacher: Teacher) -> None:
    assert METHODS[method].adapter(small_network(), settings(), 0.1).refresh == teacher


def test_temperatures_divide_the_logits() -> None:
    probe = Probe()
    network = small_network()
    training = SelfTraining(
        network, probe, "never", settings(student_temperature=2.0, teacher_temperature=4.0), 0.0
    )
    logits = training.predict(batch())
    training.update(batch())
    torch.testing.assert_close(probe.students[0] * 2, logits)
    torch.testing.assert_close(probe.teachers[0] * 4, logits)


@pytest.mark.parametrize("method", METHODS)
def test_only_scale_and_shift_change(method: str) -> None:
    network = small_network()
    # A sharper teacher, since soft labels equal to the student's teach nothing.
    adapter = METHODS[method].adapter(network, settings(teacher_temperature=0.5), 0.1)
    before = state(network)
    for seed in range(3):
        adapter.update(batch(seed))
        adapter.end_epoch()
    assert differing(before, state(network)) == {"norm.weight", "norm.bias"}


def test_soft_pseudo_labels_stay_where_they_start() -> None:
    """Their gradient vanishes where teacher and student agree: table 7 has 60.1 with, 60.2 without them."""
    network = small_network()
    adapter = soft_pl.adapter(network, settings(), 0.1)
    before = state(network)
    for seed in range(4):
        adapter.update(batch(seed))
        adapter.end_epoch()
    torch.testing.assert_close(state(network), before, rtol=0, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_one_step_is_plain_gradient_descent_on_the_loss(method: str) -> None:
    """Against autograd on a network of its own; the teacher is the source, since it is the first step."""
    losses: dict[str, Any] = {
        "ent": entropy,
        "hard_pl": lambda s, t: torch.nn.functional.cross_entropy(s, t.argmax(1)),
        "soft_pl": soft_pseudo_label,
        "rpl": lambda s, t: ((1 - s.softmax(1).gather(1, t.argmax(1, True)) ** 0.8) / 0.8).mean(),
    }
    reference, network = small_network(), small_network()
    bn_adapt.adapter(reference, settings(), 0.0)
    logits = reference(batch())
    losses[method](logits, logits if method == "ent" else logits.detach()).backward()
    METHODS[method].adapter(network, settings(), 0.1).update(batch())
    for name in ("weight", "bias"):
        start, gradient = getattr(reference.norm, name), getattr(reference.norm, name).grad
        torch.testing.assert_close(getattr(network.norm, name), start - 0.1 * gradient)


def test_momentum_carries_the_last_step_on() -> None:
    """The gradient is one in the first step and nothing in the second."""

    def after(momentum: float) -> Tensor:
        network = small_network()
        gradients = iter([torch.ones(4), torch.zeros(4)])
        training = SelfTraining(
            network, lambda s, t: (network.norm.bias * next(gradients)).sum(), "instant",
            settings(momentum=momentum), 0.1,
        )  # fmt: skip
        before = network.norm.bias.detach().clone()
        training.update(batch())
        training.update(batch())
        moved: Tensor = before - network.norm.bias.detach()
        return moved

    torch.testing.assert_close(after(0.0), torch.full((4,), 0.1))
    torch.testing.assert_close(after(0.9), torch.full((4,), 0.1 + 0.09))


@pytest.mark.parametrize("method", METHODS)
def test_a_learning_rate_of_zero_is_batch_norm_adaptation(method: str) -> None:
    network = small_network()
    adapter = METHODS[method].adapter(network, settings(), 0.0)
    for _ in range(2):
        adapter.update(batch())
        adapter.end_epoch()
    reference = bn_adapt.adapter(small_network(), settings(), 0.0)
    assert torch.equal(adapter.predict(batch(9)), reference.predict(batch(9)))


def test_the_step_grows_with_the_learning_rate() -> None:
    moved = []
    for rate in (1e-6, 2e-6):
        network = small_network().double()
        before = network.norm.weight.detach().clone()
        ent.adapter(network, settings(), rate).update(batch().double())
        moved.append(float((network.norm.weight.detach() - before).abs().max()))
    assert 0 < moved[0] < 1e-5
    assert moved[1] == pytest.approx(2 * moved[0], rel=1e-6)


@pytest.mark.parametrize("adapted", ["classifier", "all"])
def test_other_parameters_adapt_where_they_are_asked_to(adapted: str) -> None:
    network = small_network()
    before = state(network)
    ent.adapter(network, settings(adapted=adapted), 0.1).update(batch())
    changed = differing(before, state(network))
    assert {"classifier.weight", "classifier.bias"} <= changed
    assert ("convolution.weight" in changed) == (adapted == "all")


def test_a_layer_that_the_network_does_not_use_stays_as_it_is() -> None:
    network = small_network()
    network.unused = nn.BatchNorm2d(4)
    before = state(network)
    ent.adapter(network, settings(momentum=0.9), 0.1).update(batch())
    assert differing(before, state(network)) == {"norm.weight", "norm.bias"}


def test_a_method_that_learns_must_adapt_something() -> None:
    with pytest.raises(BadInputError, match="set 'adapted'"):
        ent.adapter(small_network(), settings(adapted="nothing"), 0.1)


@pytest.mark.parametrize("method", METHODS)
def test_predicting_changes_nothing(method: str) -> None:
    adapter = METHODS[method].adapter(small_network(), settings(), 0.1)
    adapter.update(batch())
    before = state(adapter.student)
    first = adapter.predict(batch(5))
    assert not first.requires_grad
    assert torch.equal(adapter.predict(batch(5)), first)
    assert differing(before, state(adapter.student)) == set()


def test_the_source_ignores_what_it_is_shown() -> None:
    network, images = small_network(), batch()
    before = state(network)
    adapter = source.adapter(network, settings(), 0.1)
    adapter.update(batch(1))
    adapter.end_epoch()
    assert differing(before, state(network)) == set()
    with torch.no_grad():
        assert torch.equal(adapter.predict(images), small_network()(images))
    torch.testing.assert_close(adapter.predict(images)[:2], adapter.predict(images[:2]))
