"""Courses: what a method notes of itself at each batch of a stream, such as distances of features."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.test_time_adaptation.streams import Stream

Course = list[dict[str, float]]  # of each batch, name -> value


def courses_of_sets(stream: Stream, sets: int, course: Sequence[dict[str, float]]) -> list[Course]:
    """What was noted at the batches of each test set; batches that mix sets belong to none."""
    found: list[Course] = [[] for _ in range(sets)]
    if course:
        for batch, noted in zip(stream.batches(), course, strict=True):
            met = batch.places[:, 0].unique().tolist()
            if len(met) == 1:
                found[met[0]].append(noted)
    return found


def by_name(course: Course) -> dict[str, list[float]]:
    """Name -> its value at each batch; empty where nothing was noted."""
    return {name: [noted[name] for noted in course] for name in (course[0] if course else {})}


def distance_ratio(course: Course) -> dict[str, float]:
    """The sum of `intra` over that of `inter`, as a metric; empty where distances weren't noted."""
    curves = by_name(course)
    if not {"intra", "inter"} <= curves.keys():
        return {}
    return {"distance_ratio": sum(curves["intra"]) / max(sum(curves["inter"]), 1e-12)}
