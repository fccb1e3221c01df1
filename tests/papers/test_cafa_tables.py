"""CAFA's tables and claims of full scale: each cell is of conditions that are run, and of one protocol."""

from __future__ import annotations

from importlib import import_module

import pytest

from common.claims.schema import ValueClaim
from common.pages.paper import read_claims
from common.pages.tables.headers import Column, Row
from common.pages.tables.published import find_published, published_number, read_published
from common.pages.tables.schema import Table, read_tables
from common.records.query import Selection
from common.runs.plan import JobSpec
from common.runs.registry import find_method
from experiments.test_time_adaptation.protocol import OnlineFacts
from tests.contract.discovery import ROOT, specs
from tests.contract.test_papers import covers

PAPER = "cafa"
JOBS = {(spec.step, spec.method): spec for spec in specs(PAPER, "full")}
TABLES = {table.id: table for table in read_tables(ROOT, PAPER)}
QUICK_ALONE = {"longer"}
ONLY_FULL = {
    "larger_batches",
    "wide",
    "wide_streams",
    "resnet26",
    "single_images",
    "single_images_group_norm",
    "correlated_group_norm",
    "cifar100_c",
    "cifar100_c_resnet26",
    "imagenet_c",
}
TAKEN_TOGETHER = {"corruption"}  # what a cell may be the mean of
CLAIMS = read_claims(ROOT, PAPER)
VALUES = [claim for claim in (CLAIMS.claims if CLAIMS else []) if isinstance(claim, ValueClaim)]


def cells(table: Table) -> list[tuple[Row, Column, Selection]]:
    rows = [row for row in table.rows if "full" in row.scales]
    return [(row, column, table.selection(row, column)) for row in rows for column in table.columns]


def job(selection: Selection) -> JobSpec:
    return JOBS[selection.step, selection.method]


def protocols(selection: Selection) -> set[tuple[tuple[str, object], ...]]:
    """What the conditions of a cell say besides the corruption."""
    chosen = [
        condition
        for condition in job(selection).conditions
        if selection.covers(selection.step, selection.method, condition)
    ]
    return {
        tuple((name, condition[name]) for name in condition if name not in TAKEN_TOGETHER)
        for condition in chosen
    }


def network(selection: Selection) -> tuple[object, ...]:
    """The data set, the step that makes the network or the name of a published one, and the optimiser."""
    config, settings = job(selection).config, job(selection).config.settings
    return settings["dataset"], tuple(config.needs), settings.get("pretrained"), settings["folder"]


@pytest.mark.parametrize("table", [table for name, table in TABLES.items() if name not in QUICK_ALONE])
def test_each_cell_is_of_what_full_scale_runs_under_one_protocol(table: Table) -> None:
    for row, column, selection in cells(table):
        where = f"{table.id}, {row.id} and {column.id}"
        assert covers(job(selection), selection), where
        assert len(protocols(selection)) == 1, where


@pytest.mark.parametrize("table", [table for name, table in TABLES.items() if name not in QUICK_ALONE])
def test_no_column_mixes_networks_or_data_sets(table: Table) -> None:
    for column in table.columns:
        assert len({network(selection) for _, each, selection in cells(table) if each == column}) == 1


@pytest.mark.parametrize("name", sorted(ONLY_FULL))
def test_what_only_full_scale_runs_says_so(name: str) -> None:
    assert {tuple(row.scales) for row in TABLES[name].rows} == {("full",)}


def test_every_step_that_meets_test_images_has_a_table() -> None:
    shown = {selection.step for table in TABLES.values() for _, _, selection in cells(table)}
    met = {step for (step, _), spec in JOBS.items() if any(c.get("split") == "test" for c in spec.conditions)}
    assert met - shown == set()


@pytest.mark.parametrize("claim", VALUES, ids=lambda claim: claim.id)
def test_a_published_number_is_of_one_protocol_and_not_the_papers(claim: ValueClaim) -> None:
    assert covers(job(claim.quantity), claim.quantity)
    (protocol,) = protocols(claim.quantity)
    facts = claim.published.protocol
    assert set(facts) <= set(OnlineFacts.model_fields)
    assert {"dataset", "images", "severities", "network", "stream", "batch_size"} <= set(facts)
    assert {name: facts[name] for name in ("stream", "batch_size")} == {
        name: value for name, value in protocol if name in ("stream", "batch_size")
    }
    assert "not CAFA's paper" in (claim.published.quoted_from or "")


@pytest.mark.parametrize("claim", VALUES, ids=lambda claim: claim.id)
def test_a_claimed_number_is_that_of_its_table(claim: ValueClaim) -> None:
    """Typed twice, in claims.yaml and published.yaml, with facts that don't contradict each other."""
    printed = read_published(ROOT, PAPER)
    beside = [
        number
        for table in TABLES.values()
        for row, column, selection in cells(table)
        if protocols(selection) == protocols(claim.quantity) and job(selection) == job(claim.quantity)
        if (number := published_number(find_published(printed, table), row, column)) is not None
        if "corruption" not in selection.where
    ]
    assert claim.published.value in {number.value for number in beside}
    assert any(number.protocol.items() <= claim.published.protocol.items() for number in beside)


@pytest.mark.parametrize("claim", VALUES, ids=lambda claim: claim.id)
def test_a_claimed_number_differs_in_the_facts_that_the_readme_names(claim: ValueClaim) -> None:
    """And in no other by mistake: data set, network and what the method does are named as records do."""
    spec, facts = job(claim.quantity), claim.published.protocol
    settings = spec.config.settings
    sources = [JOBS[step, "training"].config.settings["network"] for step in spec.config.needs]
    method = import_module(find_method(spec.track, spec.method, ROOT)).ONLINE.model_dump()
    here = method | {
        "dataset": settings["dataset"],
        "network": settings.get("pretrained") or sources[0],
        "corrupted_images": settings["corrupted_images"],
    }
    assert {name: facts[name] for name in facts.keys() & here.keys()} == {
        name: here[name] for name in facts.keys() & here.keys()
    }
    if spec.config.needs:
        assert facts["weights"] != "trained_here"
    else:
        assert "weights" not in facts
        assert facts["images"] == 5000 != settings.get("test_images", 50000)
    if facts["stream"] == "correlated":
        assert facts["concentration"] != settings["concentration"]
