"""Every number in every table of a built site is recomputed from the files that it leads to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from common.pages.layout import Layout
from common.pages.site.front_page import write_front
from common.pages.site.paper_page import write_paper
from tests.pages import example, grouped
from tests.pages.made_up_records import link_definitions, write_made_up_results
from tests.site.page_tree import read_page
from tests.site.recomputing import mistakes_of
from tests.site.shown_cells import Json, Shown, Site, shown_cells

REPOSITORY = Path(__file__).parents[2]
PAPERS = sorted(path.parent.name for path in REPOSITORY.glob("papers/*/paper.yaml"))


def site_of(layout: Layout) -> Site:
    return Site(layout.site, layout.definitions, layout.records)


def all_mistakes(site: Site) -> list[str]:
    return [mistake for shown in shown_cells(site) for mistake in mistakes_of(site, shown)]


@dataclass(frozen=True)
class Real:
    """A root with the real papers' definitions, made-up records of their whole plans, and their pages."""

    root: Path
    shown: dict[str, list[Shown]]  # paper -> its cells

    def site(self, paper: str) -> Site:
        return site_of(Layout(self.root, "quick", paper))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Real:
    root = tmp_path_factory.mktemp("real")
    link_definitions(root, REPOSITORY)
    layouts = {paper: write_made_up_results(root, paper) for paper in PAPERS}
    for layout in layouts.values():
        write_paper(layout)
    write_front(root, "quick")
    return Real(root, {paper: list(shown_cells(site_of(layout))) for paper, layout in layouts.items()})


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """The example paper, with recorded runs, its pages written."""
    example.write_example(tmp_path)
    found = Layout(tmp_path, "quick", example.PAPER)
    write_paper(found)
    return found


@pytest.mark.parametrize("paper", PAPERS)
def test_every_cell_of_a_real_paper(real: Real, paper: str) -> None:
    site, shown = real.site(paper), real.shown[paper]
    assert [mistake for each in shown for mistake in mistakes_of(site, each)] == []
    here = Counter(each.table["id"] for each in shown if each.section == "here")
    assert here == {table["id"]: len(table["rows"]) * len(table["columns"]) for table in site.tables}


def test_every_cell_of_the_example(layout: Layout) -> None:
    shown = list(shown_cells(site_of(layout)))
    assert all_mistakes(site_of(layout)) == []
    assert Counter(each.section for each in shown) == {"here": 12, "gpu_full": 8}


def test_every_cell_of_a_table_with_groups(tmp_path: Path) -> None:
    layout = grouped.write_grouped(tmp_path)
    write_paper(layout)
    assert len(list(shown_cells(site_of(layout)))) == 5 * 14
    assert all_mistakes(site_of(layout)) == []


def in_page(name: str, old: str, new: str) -> Callable[[Layout], None]:
    """Changes the first place of a page where `old` stands."""

    def change(layout: Layout) -> None:
        page = layout.site / name
        text = page.read_text()
        assert old in text
        page.write_text(text.replace(old, new, 1))

    return change


def in_record(layout: Layout) -> None:
    path = layout.site / "records/here/adaptation/ent/seed0/noise_5.json"
    record = json.loads(path.read_text())
    record["metrics"]["error_percent"] += 0.5
    path.write_text(json.dumps(record))


def in_published(layout: Layout) -> None:
    path = layout.definitions / "published.yaml"
    content = yaml.safe_load(path.read_text())
    content["tables"][0]["rows"][1]["plus_minus"][1] = 0.3
    path.write_text(yaml.safe_dump(content, sort_keys=False))


def one_seed_more(layout: Layout) -> None:
    """A record that the pages don't know yet."""
    lines = layout.records.read_text()
    layout.records.write_text(lines + lines.splitlines()[0].replace('"seed": 0', '"seed": 3') + "\n")


ALTERATIONS: list[tuple[Callable[[Layout], None], str]] = [
    (in_page("index.html", '<span class="mean">39.0</span>', '<span class="mean">39.1</span>'), "the table"),
    (in_page("index.html", "±2.5", "±2.6"), "the table"),
    (in_page("index.html", '<span class="mean">39.0</span>', '<span class="mean">39</span>'), "the table"),
    (in_page("index.html", "</span>18.5 ± 0.2<sup>", "</span>18.5 ± 0.1<sup>"), "as published"),
    (in_page("index.html", "corruptions.html#ent--fog", "corruptions.html#ent--noise"), "stands in column"),
    (in_page("corruptions.html", "36.5159 to 41.4841; n = 3", "36.5159 to 41.4842; n = 3"), "interval"),
    (in_page("corruptions.html", "41.4841; n = 3", "41.4841; n = 4"), "n is 3"),
    (
        in_page("corruptions.html", '<span class="figure-number">39.0', '<span class="figure-number">38.9'),
        "head",
    ),
    (in_page("corruptions.html", "<td>38</td>", "<td>38.5</td>"), "seed 0 shows 38.5"),
    (
        in_page("corruptions.html", " 20.96 · corruption", " 20.97 · corruption"),
        "a record of seed 0 shows 20.97",
    ),
    (in_page("corruptions.html", "/seed0/noise_5.json", "/seed1/noise_5.json"), "another seed"),
    (
        in_page("corruptions.html", '<span class="figure-number">18.5', '<span class="figure-number">18.4'),
        "publ",
    ),
    (in_record, "its records say"),
    (in_published, "published.yaml says [18.5, 0.3]"),
    (one_seed_more, "not the 4 that are asked for"),
]


@pytest.mark.parametrize(("alter", "mistake"), ALTERATIONS)
def test_an_alteration_is_found(layout: Layout, alter: Callable[[Layout], None], mistake: str) -> None:
    alter(layout)
    try:
        found = all_mistakes(site_of(layout))
    except AssertionError as error:
        found = [str(error)]
    assert any(mistake in each for each in found), found


def front_mistakes(front: Path, real: Real, records: dict[str, list[Json]]) -> list[str]:
    """Where the table of costs on the front page isn't the sum of what each paper's records say."""
    table = read_page(front).one("table", "cost")
    heads = [cell.text() for cell in table.one("thead").all("th")]
    lines = {line.one("th").text().replace(" ", "_"): line.children for line in table.one("tbody").children}
    found = []
    for paper in PAPERS:
        shown = {head: cell.text().replace(",", "") for head, cell in zip(heads, lines[paper], strict=True)}
        expected = expected_costs(real.shown[paper], records[paper])
        found += [f"{paper}: {head}" for head, value in expected.items() if shown[head] != value]
    return found


def expected_costs(shown: list[Shown], records: list[Json]) -> dict[str, str]:
    here = [each for each in shown if each.section == "here"]
    absent = [each for each in here if not any(map(each.selects, records))]
    return {
        "Runs": str(len(records)),
        "Core-seconds": f"{sum(record['cost']['processor_seconds'] for record in records):.0f}",
        "Cells not run": f"{len(absent)} of {len(here)}",
    }


def test_the_costs_on_the_front_page(real: Real) -> None:
    front = real.root / "site" / "quick" / "index.html"
    records = {paper: real.site(paper).sections["here"] for paper in PAPERS}
    assert front_mistakes(front, real, records) == []
    fewer = {**records, PAPERS[0]: records[PAPERS[0]][1:]}
    assert front_mistakes(front, real, fewer) == [f"{PAPERS[0]}: Runs", f"{PAPERS[0]}: Core-seconds"]


def test_the_verdicts_counted_on_the_front_page(real: Real) -> None:
    items = read_page(real.root / "site" / "quick" / "index.html").one("ul", "tally").all("li")
    counted = {item.text(without=("symbol",)).partition(" ")[2]: int(item.one("b").text()) for item in items}
    files = [real.root / "results" / "quick" / paper / "verdicts.json" for paper in PAPERS]
    verdicts = [verdict for file in files for verdict in json.loads(file.read_text())["verdicts"]]
    of_papers = Counter(verdict["word"] for verdict in verdicts if verdict["origin"] == "paper")
    assert {word: count for word, count in counted.items() if count} == of_papers
