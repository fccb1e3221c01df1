"""What every paper keeps to: it has an experiment, and selects only what that experiment can produce."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from common.pages.figures.module import find_figures, load_figure
from common.pages.paper import find_papers, read_paper
from common.records.query import Selection
from common.runs.digest import reachable
from common.runs.plan import JobSpec
from common.runs.registry import find_config, find_method
from tests.contract.discovery import PAPERS, ROOT, all_specs, selected


def test_papers_and_experiments_are_the_same() -> None:
    assert find_papers(ROOT) == sorted(PAPERS)


@pytest.mark.parametrize("paper", PAPERS)
def test_paper_and_experiment_name_one_track(paper: str) -> None:
    assert read_paper(ROOT, paper).track == find_config(paper, ROOT).track


@pytest.mark.parametrize("paper", PAPERS)
def test_every_figure_can_be_loaded(paper: str) -> None:
    for name in find_figures(ROOT, paper):
        figure = load_figure(ROOT, paper, name)
        assert all([figure.title, figure.caption, figure.reproduces, figure.alternative])
        assert callable(figure.draw)


@pytest.mark.parametrize("paper", PAPERS)
def test_every_selection_can_be_produced(paper: str) -> None:
    """Step, method and conditions exist at some scale, and the code behind them names the metric."""
    for where, selection in selected(paper).items():
        makers = [spec for spec in all_specs(paper) if covers(spec, selection)]
        assert makers, f"{where}: no scale has {selection}"
        assert names(makers[0], selection.metric), f"{where}: no code behind its step names its metric"


def test_a_selection_of_what_nobody_makes_is_found() -> None:
    """The check itself can fail: by method, by condition, by one value of several, by metric."""
    spec = next(spec for spec in all_specs(PAPERS[0]) if spec.conditions[0])
    name, value = next(iter(spec.conditions[0].items()))
    there = Selection(step=spec.step, method=spec.method, metric="no_such_metric", where={name: value})
    assert covers(spec, there)
    assert not covers(spec, there.model_copy(update={"method": "nobody"}))
    assert not covers(spec, there.narrowed({name: [value, "nowhere"]}))
    assert not covers(spec, there.narrowed({"no_such_condition": 1}))
    assert not names(spec, there.metric)
    assert not names(spec, "cost.no_such_part")
    assert names(spec, "cost.seconds")


def covers(spec: JobSpec, selection: Selection) -> bool:
    """Whether a job makes cells for every value of every condition that the selection names."""
    if (spec.step, spec.method) != (selection.step, selection.method):
        return False
    wanted = {name: value if isinstance(value, list) else [value] for name, value in selection.where.items()}
    agreeing = [
        condition
        for condition in spec.conditions
        if all(condition.get(name) in values for name, values in wanted.items())
    ]
    return bool(agreeing) and all(
        any(condition[name] == value for condition in agreeing)
        for name, values in wanted.items()
        for value in values
    )


def names(spec: JobSpec, metric: str) -> bool:
    """Whether the code behind a job has the metric's name, whole or put together of two words.

    Of `cost.<part>` the part is looked for; every record has the two whole times.
    """
    name = metric.removeprefix("cost.")
    if name != metric and name in {"seconds", "processor_seconds"}:
        return True
    known = words(spec)
    return name in known or any(name[:end] in known and name[end:] in known for end in range(1, len(name)))


def words(spec: JobSpec) -> frozenset[str]:
    """All string constants, and names of fields, in the code that the job can reach."""
    modules = [spec.config.entry]
    if spec.config.method_modules:
        modules.append(find_method(spec.track, spec.method, ROOT))
    modules += [find_method(spec.track, name, ROOT) for name in spec.config.uses]
    return frozenset().union(*map(_words_of, reachable(modules, ROOT)))


@cache
def _words_of(module: str) -> frozenset[str]:
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    nodes = list(ast.walk(ast.parse(file.read_text())))
    constants = {node.value for node in nodes if isinstance(node, ast.Constant)}
    fields = {
        node.target.id
        for node in nodes
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    return frozenset(word for word in constants | fields if isinstance(word, str))
