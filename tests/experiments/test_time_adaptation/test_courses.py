"""What a method notes of itself, put where it belongs: to the corruption that a batch was of."""

from __future__ import annotations

import torch

from experiments.test_time_adaptation.courses import by_name, courses_of_sets, distance_ratio
from experiments.test_time_adaptation.streams import make_stream

LABELS = [torch.arange(5) % 3, torch.arange(3) % 3]


def test_a_note_belongs_to_the_set_of_its_batch() -> None:
    stream = make_stream("continual", LABELS, 2, torch.Generator())
    course = [
        {"intra": float(number)} for number in range(5)
    ]  # three batches of the first, two of the second
    found = courses_of_sets(stream, 2, course)
    assert [[noted["intra"] for noted in of_set] for of_set in found] == [[0, 1, 2], [3, 4]]


def test_batches_that_mix_sets_belong_to_none() -> None:
    stream = make_stream("mixed", LABELS, 8, torch.Generator())
    assert courses_of_sets(stream, 2, [{"intra": 1.0}]) == [[], []]


def test_a_method_that_notes_nothing_has_no_course() -> None:
    stream = make_stream("reset", LABELS, 2, torch.Generator())
    assert courses_of_sets(stream, 2, []) == [[], []]
    assert (by_name([]), distance_ratio([])) == ({}, {})


def test_the_ratio_is_of_the_sums() -> None:
    course = [{"intra": 1.0, "inter": 4.0}, {"intra": 2.0, "inter": 8.0}]
    assert by_name(course) == {"intra": [1.0, 2.0], "inter": [4.0, 8.0]}
    assert distance_ratio(course) == {"distance_ratio": 0.25}
    assert distance_ratio([{"intra": 1.0}]) == {}
