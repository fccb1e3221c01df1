"""The two rows that don't unlearn: the original, and a second retraining."""

from __future__ import annotations

from common.training.descent import Descent
from tests.experiments.test_unlearning.method_tasks import equal, fresh, make_task, method, state, unlearned


def test_no_unlearning_is_the_original() -> None:
    assert equal(unlearned("no_unlearning"), state(make_task().original))


def test_retraining_again_is_the_originals_training_on_the_retain_set() -> None:
    task = make_task()
    settings, rate = task.training
    network = fresh("retrain_again")
    Descent(network, settings, rate).run(task.retain, task.generator("retrain_again"))
    assert equal(state(method("retrain_again").unlearn(task)), state(network))


def test_retraining_again_hangs_on_no_setting_of_a_method() -> None:
    assert equal(unlearned("retrain_again"), unlearned("retrain_again", learning_rate=None, descent=None))


def test_retraining_again_does_not_see_the_forget_set() -> None:
    task, other = make_task(), make_task()
    other.forget.images.zero_()
    assert equal(state(method("retrain_again").unlearn(task)), state(method("retrain_again").unlearn(other)))
