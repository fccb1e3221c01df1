from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from common.strict import BadInputError
from common.training.images import Standardise
from experiments.test_time_adaptation.adaptation import choose
from experiments.test_time_adaptation.baselines import bn_adapt
from experiments.test_time_adaptation.offline import _batches, adapt_offline, error_percent
from experiments.test_time_adaptation.self_learning.methods import ent, rpl
from experiments.test_time_adaptation.source_model import SourceModel
from experiments.test_time_adaptation.test_sets import TestSet
from tests.experiments.test_time_adaptation.networks import settings as method_settings
from tests.experiments.test_time_adaptation.networks import small_network, state


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def source_model() -> SourceModel:
    return SourceModel(
        "small", 3, small_network(), Standardise(torch.full((3,), 100.0), torch.full((3,), 50.0))
    )


def some_test_set(count: int = 43) -> TestSet:
    """Images of all colours, so that the network has something to tell apart."""
    colours = torch.randint(0, 200, (count, 1, 1, 3), generator=generator(7), dtype=torch.uint8)
    noise = torch.randint(0, 56, (count, 5, 5, 3), generator=generator(8), dtype=torch.uint8)
    return TestSet(colours + noise, torch.randint(0, 3, (count,), generator=generator(9)))


class Recorder:
    """An adapter that notes what it is shown, and predicts an image's first byte."""

    def __init__(self) -> None:
        self.epochs: list[list[Tensor]] = [[]]
        self.predicted: list[list[Tensor]] = []

    def update(self, images: Tensor) -> None:
        self.epochs[-1].append(images[:, 0, 0, 0])

    def end_epoch(self) -> None:
        self.epochs.append([])

    def predict(self, images: Tensor) -> Tensor:
        return torch.nn.functional.one_hot(images[:, 0, 0, 0].long(), 256)


def numbered(count: int) -> TestSet:
    """Image number i is of bytes i and of class i."""
    images = torch.arange(count, dtype=torch.uint8).reshape(-1, 1, 1, 1).expand(-1, 1, 1, 3)
    return TestSet(images, torch.arange(count))


PLAIN = SourceModel("none", 256, small_network(), Standardise(torch.zeros(3), torch.ones(3)))


@settings(max_examples=200)
@given(count=st.integers(2, 400), batch_size=st.integers(2, 150))
def test_batches_share_all_images_out_evenly(count: int, batch_size: int) -> None:
    batches = list(_batches(count, batch_size, generator()))
    sizes = [len(batch) for batch in batches]
    assert sorted(torch.cat(batches).tolist()) == list(range(count))
    assert min(sizes) >= 2
    assert max(sizes) - min(sizes) <= 1
    if count >= batch_size:
        assert 2 / 3 * batch_size - 1 <= min(sizes)
    assert max(sizes) <= 1.5 * batch_size + 1


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_images_make_no_batch(count: int) -> None:
    with pytest.raises(BadInputError, match=rf"has {count} image\(s\), and batch statistics need two"):
        list(_batches(count, 8, generator()))


def test_batches_are_shuffled_by_the_generator_alone() -> None:
    first, again, other = (torch.cat(list(_batches(40, 8, generator(seed)))) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_error_is_the_share_of_wrong_arg_maxes() -> None:
    logits = torch.tensor([[1.0, 2.0, 0.0], [0.0, 0.0, 5.0], [3.0, 1.0, 1.0], [0.0, 9.0, 8.0]])
    assert error_percent(logits, torch.tensor([1, 2, 0, 1])) == 0.0
    assert error_percent(logits, torch.tensor([1, 0, 0, 2])) == 50.0
    assert error_percent(logits[:3], torch.tensor([1, 2, 1])) == pytest.approx(100 / 3, rel=1e-14)


def test_each_epoch_shows_every_image_once_in_an_order_of_its_own() -> None:
    recorder = Recorder()
    errors = adapt_offline(recorder, PLAIN, numbered(30), 8, 3, generator(), every_epoch=False)
    assert errors == [0.0]
    shown = [torch.cat(epoch).tolist() for epoch in recorder.epochs[:3]]
    assert recorder.epochs[3:] == [[]]
    assert all(sorted(epoch) == list(range(30)) for epoch in shown)
    assert shown[0] != shown[1] != shown[2] != shown[0]


def test_labels_follow_their_images_through_the_shuffle() -> None:
    """Every third image is given another image's label."""
    test_set = numbered(30)
    labels = torch.where(test_set.labels % 3 == 0, (test_set.labels + 1) % 30, test_set.labels)
    wrong = TestSet(test_set.images, labels)
    errors = adapt_offline(Recorder(), PLAIN, wrong, 8, 1, generator(), every_epoch=False)
    assert errors == [pytest.approx(100 / 3)]


@pytest.mark.parametrize(
    ("epochs", "every_epoch", "length"), [(0, False, 1), (0, True, 1), (3, False, 1), (3, True, 4)]
)
def test_the_curve_has_a_point_for_each_epoch_and_the_start(
    epochs: int, every_epoch: bool, length: int
) -> None:
    model = source_model()
    adapter = ent.adapter(model.copy_network(), method_settings(), 0.1)
    errors = adapt_offline(adapter, model, some_test_set(), 8, epochs, generator(), every_epoch)
    assert len(errors) == length


def test_the_curve_starts_at_batch_norm_adaptation_and_ends_at_the_error() -> None:
    model, test_set = source_model(), some_test_set()

    def run(module: object, epochs: int, every_epoch: bool) -> list[float]:
        adapter = module.adapter(model.copy_network(), method_settings(momentum=0.9), 3.0)  # type: ignore[attr-defined]
        return adapt_offline(adapter, model, test_set, 8, epochs, generator(), every_epoch)

    curve = run(ent, 4, True)
    assert curve[0] == run(bn_adapt, 0, False)[0]
    assert curve[-1] == run(ent, 4, False)[0]
    assert curve[2] == run(ent, 2, False)[0]
    assert len(set(curve)) > 1  # it does adapt


def test_the_same_seed_gives_the_same_errors_bit_by_bit_and_a_reset_restores_the_source() -> None:
    model, test_set = source_model(), some_test_set()
    before = state(model.network)

    def run(seed: int) -> tuple[list[float], Tensor]:
        adapter = rpl.adapter(model.copy_network(), method_settings(), 0.5)
        errors = adapt_offline(adapter, model, test_set, 8, 3, generator(seed), every_epoch=True)
        return errors, adapter.student.norm.weight.detach()  # type: ignore[union-attr]

    errors, weights = run(3)
    again, same_weights = run(3)
    assert errors == again
    assert torch.equal(weights, same_weights)
    assert not torch.equal(run(4)[1], weights)
    after = state(model.network)
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert model.network.norm.running_mean is not None  # type: ignore[union-attr]


def test_a_copy_shares_no_memory_with_the_source() -> None:
    model = source_model()
    pointers = {value.data_ptr() for value in model.network.state_dict().values()}
    assert pointers.isdisjoint(value.data_ptr() for value in model.copy_network().state_dict().values())


def test_the_lowest_mean_error_is_chosen() -> None:
    # Means after epochs 1 and 2: (35, 30) at rate 0.1, (25, 45) at rate 1; epoch 0 can't be chosen.
    curves = {0.1: [[0.0, 30.0, 20.0], [0.0, 40.0, 40.0]], 1.0: [[0.0, 20.0, 50.0], [0.0, 30.0, 40.0]]}
    assert choose(curves) == (1.0, 1)
    assert choose({0.1: curves[0.1]}) == (0.1, 2)


def test_of_equal_means_the_first_is_chosen() -> None:
    assert choose({0.1: [[9.0, 20.0, 20.0]], 1.0: [[9.0, 20.0, 20.0]]}) == (0.1, 1)
    assert choose({1.0: [[9.0, 20.0]], 0.1: [[9.0, 20.0]]}) == (1.0, 1)
    assert choose({0.1: [[9.0, 20.0, 19.0]], 1.0: [[9.0, 19.0, 19.0]]}) == (0.1, 2)
