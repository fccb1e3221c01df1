"""Each loss against its equation, worked out in plain Python from probabilities that are exact fractions."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.autograd import gradcheck

from experiments.test_time_adaptation.self_learning.losses import (
    entropy,
    hard_pseudo_label,
    robust_pseudo_label,
    soft_pseudo_label,
)

Loss = Callable[[Tensor, Tensor], Tensor]

# Softmax of the logarithms of weights is the weights over their sum.
STUDENT = torch.tensor([[1.0, 2.0, 5.0], [1.0, 1.0, 2.0]], dtype=torch.float64).log()  # /8, /4
TEACHER = torch.tensor([[3.0, 0.5, 0.5], [1.0, 2.0, 1.0]], dtype=torch.float64).log()  # /4, /4

ALL: dict[str, Loss] = {
    "hard": hard_pseudo_label,
    "soft": soft_pseudo_label,
    "entropy": entropy,
    "robust": partial(robust_pseudo_label, q=0.8),
}


def random_logits(seed: int, batch: int = 4, classes: int = 3) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 2 * torch.randn(batch, classes, generator=generator, dtype=torch.float64)


def test_hard_pseudo_label() -> None:
    # The teacher's classes are 0 and 1, to which the student gives 1/8 and 1/4.
    expected = -(math.log(1 / 8) + math.log(1 / 4)) / 2
    assert float(hard_pseudo_label(STUDENT, TEACHER)) == pytest.approx(expected, rel=1e-14)


def test_soft_pseudo_label() -> None:
    first = -(3 / 4 * math.log(1 / 8) + 1 / 8 * math.log(2 / 8) + 1 / 8 * math.log(5 / 8))
    second = -(1 / 4 * math.log(1 / 4) + 1 / 2 * math.log(1 / 4) + 1 / 4 * math.log(1 / 2))
    assert float(soft_pseudo_label(STUDENT, TEACHER)) == pytest.approx((first + second) / 2, rel=1e-14)


def test_entropy() -> None:
    first = -(1 / 8 * math.log(1 / 8) + 2 / 8 * math.log(2 / 8) + 5 / 8 * math.log(5 / 8))
    second = -(2 / 4 * math.log(1 / 4) + 1 / 2 * math.log(1 / 2))
    assert float(entropy(STUDENT, STUDENT)) == pytest.approx((first + second) / 2, rel=1e-14)


@pytest.mark.parametrize("q", [0.2, 0.5, 0.8, 1.0])
def test_robust_pseudo_label(q: float) -> None:
    expected = ((1 - (1 / 8) ** q) / q + (1 - (1 / 4) ** q) / q) / 2
    assert float(robust_pseudo_label(STUDENT, TEACHER, q)) == pytest.approx(expected, rel=1e-14)


def test_robust_pseudo_label_becomes_cross_entropy_for_q_towards_zero() -> None:
    cross_entropy = float(hard_pseudo_label(STUDENT, TEACHER))
    assert float(robust_pseudo_label(STUDENT, TEACHER, 1e-9)) == pytest.approx(cross_entropy, rel=1e-8)
    # and not before: at q = 0.1 it differs by more than a tenth
    assert float(robust_pseudo_label(STUDENT, TEACHER, 0.1)) < 0.92 * cross_entropy


def test_robust_pseudo_label_is_the_mean_absolute_error_at_q_one() -> None:
    # The mean absolute error to a one-hot label is 2 (1 - p): the same but for a factor.
    assert float(robust_pseudo_label(STUDENT, TEACHER, 1.0)) == pytest.approx((7 / 8 + 3 / 4) / 2, rel=1e-14)


@pytest.mark.parametrize("name", ALL)
def test_gradients_agree_with_finite_differences(name: str) -> None:
    student, teacher = random_logits(0).requires_grad_(), random_logits(1)
    loss = ALL[name]
    one = (lambda s: loss(s, s)) if name == "entropy" else (lambda s: loss(s, teacher))
    assert gradcheck(one, (student,), eps=1e-6, atol=1e-8, rtol=1e-6)


def test_the_gradient_of_entropy_flows_through_both_factors() -> None:
    """d/dz_j of -sum p log p is -p_j (log p_j + H); through the logarithm alone it would vanish."""
    logits = random_logits(2, batch=1).requires_grad_()
    entropy(logits, logits).backward()
    p = logits.detach().softmax(1)
    own_entropy = -(p * p.log()).sum()
    torch.testing.assert_close(logits.grad, -p * (p.log() + own_entropy), rtol=1e-12, atol=1e-14)
    assert logits.grad is not None
    assert float(logits.grad.abs().max()) > 0.01


def test_soft_pseudo_labels_equal_to_the_student_teach_nothing() -> None:
    logits = random_logits(3).requires_grad_()
    soft_pseudo_label(logits, logits.detach()).backward()
    assert logits.grad is not None
    assert float(logits.grad.abs().max()) < 1e-15


@pytest.mark.parametrize("name", ["hard", "robust"])
def test_arg_max_lets_no_gradient_through_to_the_teacher(name: str) -> None:
    teacher = random_logits(4).requires_grad_()
    loss = ALL[name](random_logits(5).requires_grad_(), teacher)
    (gradient,) = torch.autograd.grad(loss, teacher, allow_unused=True)
    assert gradient is None


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=20)
@given(order=st.permutations(range(5)), seed=st.integers(0, 10**6))
def test_classes_have_no_order(name: str, order: list[int], seed: int) -> None:
    student, teacher = random_logits(seed, classes=5), random_logits(seed + 1, classes=5)
    permuted = ALL[name](student[:, order], teacher[:, order])
    torch.testing.assert_close(permuted, ALL[name](student, teacher), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=20)
@given(seed=st.integers(0, 10**6), times=st.integers(2, 4))
def test_duplicated_samples_leave_the_loss_as_it_is(name: str, seed: int, times: int) -> None:
    student, teacher = random_logits(seed), random_logits(seed + 1)
    repeated = ALL[name](student.repeat(times, 1), teacher.repeat(times, 1))
    torch.testing.assert_close(repeated, ALL[name](student, teacher), rtol=1e-12, atol=1e-12)


@settings(max_examples=20)
@given(shift=st.floats(-50, 50), seed=st.integers(0, 10**6))
def test_a_constant_added_to_all_logits_changes_nothing(shift: float, seed: int) -> None:
    student, teacher = random_logits(seed), random_logits(seed + 1)
    for loss in ALL.values():
        moved = loss(student + shift, teacher - shift)
        torch.testing.assert_close(moved, loss(student, teacher), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", ALL)
def test_confident_logits_stay_finite(name: str) -> None:
    logits = torch.tensor([[1e4, 0.0, -1e4]]).requires_grad_()
    loss = ALL[name](logits, logits)
    loss.backward()
    assert float(loss.detach()) == 0.0
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()
