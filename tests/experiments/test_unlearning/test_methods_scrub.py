"""SCRUB: the divergence against torch's and a formula, the order of its epochs, a step by hand."""

from __future__ import annotations

import copy
import dataclasses

import pytest
import torch
from torch.nn import functional as F

from common.training.descent import predict
from common.training.settings import DescentSettings
from experiments.unlearning.baselines.scrub import divergence, teacher
from tests.experiments.test_unlearning.method_tasks import equal, images, make_task, method, state, unlearned

WHOLE = DescentSettings(epochs=1, batch_size=60, momentum=0, weight_decay=0)


def test_the_divergence_of_a_case_worked_out_by_hand() -> None:
    """Teacher (3/4, 1/4), student (1/2, 1/2): ln 2 - H(1/4) = ln 2 - 0.5623351."""
    logits = torch.tensor([[3.0, 1.0]]).log()
    assert float(divergence(torch.zeros(1, 2), logits, 1.0)) == pytest.approx(0.1308120)
    # At temperature 2 the same logits, doubled, give the same distributions, and the factor is 4.
    assert float(divergence(torch.zeros(1, 2), 2 * logits, 2.0)) == pytest.approx(4 * 0.1308120)


def test_the_divergence_is_torchs() -> None:
    generator = torch.Generator().manual_seed(0)
    student, original = torch.randn(2, 8, 5, generator=generator)
    expected = torch.nn.KLDivLoss(reduction="sum")((student / 4).log_softmax(1), (original / 4).softmax(1))
    torch.testing.assert_close(divergence(student, original, 4.0), expected * 16 / 8)
    assert float(divergence(student, student, 4.0)) == pytest.approx(0, abs=1e-6)


def test_ascent_comes_first_and_its_epochs_are_added() -> None:
    """One step of each on whole sets, by hand; the first step of ascent is from rest, so it begins at 2."""
    task = make_task(descent=WHOLE, ascent_epochs=2)
    student = copy.deepcopy(task.original).train()
    optimiser = torch.optim.SGD(student.parameters(), lr=0.05)
    (forget,), (retain,) = task.forget.clean(), task.retain.clean()
    for batch, ascends in ((forget, True), (forget, True), (retain, False)):
        with torch.no_grad():
            targets = (task.original(batch.images) / 4).softmax(1)
        logits = student(batch.images)
        distance = 16 * F.kl_div((logits / 4).log_softmax(1), targets, reduction="batchmean")
        loss = -distance if ascends else 0.99 * F.cross_entropy(logits, batch.labels) + 0.001 * distance
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    torch.testing.assert_close(state(method("scrub").unlearn(task)), state(student))


def test_without_ascent_and_distillation_it_is_ft() -> None:
    """The divergence, weighted 0, adds nothing to any gradient."""
    found = unlearned("scrub", ascent_epochs=0, classification_weight=1.0, distillation_weight=0.0)
    assert equal(found, unlearned("ft"))


def test_ascent_moves_away_from_the_teacher_on_the_forget_set() -> None:
    task = make_task(learning_rate=0.01, ascent_epochs=6, classification_weight=0, distillation_weight=0)
    far = divergence(
        predict(method("scrub").unlearn(task), task.forget), predict(task.original, task.forget), 4.0
    )
    calm = dataclasses.replace(task, settings=task.settings.model_copy(update={"ascent_epochs": 0}))
    near = divergence(
        predict(method("scrub").unlearn(calm), task.forget), predict(task.original, task.forget), 4.0
    )
    assert far > 2 * near


@pytest.mark.parametrize("margin", [0, 1])
def test_the_teacher_sees_what_the_student_sees(margin: int) -> None:
    task, part = make_task(), images(margin)
    teach = teacher(task.original, part)
    for batch in part.shuffled(16, torch.Generator().manual_seed(0)):
        targets = teach(batch)
        torch.testing.assert_close(targets, task.original(batch.images).detach())
        assert not targets.requires_grad
