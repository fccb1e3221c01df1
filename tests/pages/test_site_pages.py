"""The pages' contents, without a browser: escaping, provenance, plots, cost and what isn't run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from common.claims.schema import EffectClaim, Estimate, Part, ValueClaim, Verdict
from common.pages.durations import duration
from common.pages.layout import Layout
from common.pages.site.catalogue_page import write_catalogue
from common.pages.site.claims import JudgedClaim, read_judged_claims
from common.pages.site.front_page import write_front
from common.pages.site.interval_plot import plot_claim
from common.pages.site.paper_page import write_paper
from common.pages.site.summary import read_summary
from common.records.schema import Record
from tests.pages import example


@pytest.fixture
def pages(layout: Layout) -> dict[str, str]:
    paths = write_paper(layout)
    front = write_front(layout.root, "quick")
    write_catalogue(layout.root, "quick")
    return {path.name: path.read_text() for path in paths} | {"front": front.read_text()}


def cell_section(page: str, anchor: str) -> str:
    """The part of a provenance page that belongs to one cell, without markup."""
    section = page.split(f'<article class="cell" id="{anchor}"')[1].split("</article>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", section).split())


def test_words_of_the_paper_are_escaped(pages: dict[str, str]) -> None:
    for page in (pages["index.html"], pages["front"]):
        assert "An example paper &lt;with markup&gt; &amp; more" in page
        assert "<with markup>" not in page
    assert "honest &lt;b&gt;" in pages["index.html"]


def test_no_page_asks_the_network_for_anything(pages: dict[str, str]) -> None:
    for name in ("index.html", "corruptions.html", "front"):
        assert not re.findall(r'(?:src|srcset)="(?:https?:)?//', pages[name])
        assert not re.findall(r"@import|url\(", pages[name])


def test_provenance_joins_the_five_links(pages: dict[str, str]) -> None:
    text = cell_section(pages["corruptions.html"], "ent--noise")
    assert f"cifar10 {example.DATA_HASH} The committed manifest has the same hash." in text
    assert "12 s 2025-11-22 11:50 0123456789ab c0dec0dec0de" in text
    assert "39.0 %, 95 % interval 36.5159 to 41.4841; n = 3; best in its column" in text
    assert "18.5 ± 0.2 % — Table 19, row ENT, column gauss; ± is standard deviation over seeds; n = 3" in text
    assert "Not comparable : scale (full published, quick here), network" in text
    assert "holds ENT has a lower error than no adaptation. (shares runs with this cell)" in text


def test_a_claim_on_exactly_the_same_runs_says_so(pages: dict[str, str]) -> None:
    text = cell_section(pages["corruptions.html"], "ent--mean")
    assert "ENT reaches 13.3 % on average. (uses exactly these runs)" in text


def test_a_cell_that_no_claim_uses_says_so(pages: dict[str, str]) -> None:
    assert "No claim on this cell." in cell_section(pages["corruptions.html"], "bn_adapt--fog")


def test_recorded_cells_have_their_own_chain(pages: dict[str, str]) -> None:
    text = cell_section(pages["corruptions.html"], "gpu_full--ent--noise")
    assert "Full scale, recorded on Example GPU" in text
    assert "Comparable: every protocol fact" in text
    assert "No claim on this cell." in text


def test_every_link_inside_the_site_leads_somewhere(layout: Layout, pages: dict[str, str]) -> None:
    for name in ("index.html", "corruptions.html"):
        for link in re.findall(r'(?:href|src)="([^"#:]+)(?:#([^"]+))?"', pages[name]):
            target = (layout.site / link[0]).resolve()
            assert target.is_file(), link
            if link[1]:
                assert f'id="{link[1]}"' in target.read_text()


def test_ids_are_unique(pages: dict[str, str]) -> None:
    for name in ("index.html", "corruptions.html", "front"):
        ids = re.findall(r'\sid="([^"]+)"', pages[name])
        assert len(ids) == len(set(ids))


def test_copied_records_are_the_records(layout: Layout, pages: dict[str, str]) -> None:
    copies = sorted((layout.site / "records" / "here").rglob("*.json"))
    assert len(copies) == len(example.example_records())
    identities = {Record.model_validate_json(path.read_text()).identity() for path in copies}
    assert identities == {record.identity() for record in example.example_records()}


def test_a_manifest_with_another_hash_is_called_out(root: Path, layout: Layout) -> None:
    (root / "data" / "manifests" / "cifar10.json").write_text(json.dumps({"content_hash": "sha256:00"}))
    write_paper(layout)
    text = cell_section((layout.site / "corruptions.html").read_text(), "ent--fog")
    assert "committed manifest has another hash : these runs used other data." in text


def test_claims_without_a_verdict_are_not_run(layout: Layout) -> None:
    words = {item.claim.id: item.verdict.word for item in read_judged_claims(layout)}
    assert words == {"ent_beats_source": "holds", "ent_error": "not comparable", "never_judged": "not run"}


def test_front_counts_verdicts_and_shows_papers_not_run(pages: dict[str, str]) -> None:
    text = " ".join(re.sub(r"<[^>]+>", " ", pages["front"]).split())
    for count in ("0 reproduced", "1 holds", "0 fails", "1 not comparable", "1 not run"):
        assert count in text
    assert "bare ○ not run snakemake --cores 2 site/quick/bare/index.html" in text


def test_front_links_only_to_pages_that_were_made(pages: dict[str, str], layout: Layout) -> None:
    assert 'href="example/index.html' in pages["front"]
    assert 'href="bare/' not in pages["front"]
    layout.summary.unlink()
    page = write_front(layout.root, "quick").read_text()
    assert 'href="example/' not in page
    assert 'class="tile good"' in page


def test_summary_adds_up_the_cost(layout: Layout, pages: dict[str, str]) -> None:
    summary = read_summary(layout)
    assert summary is not None
    assert (summary.runs, summary.processor_seconds, summary.seconds) == (18, 360.0, 216.0)
    assert (summary.cells, summary.cells_absent, summary.figures_absent) == (12, 3, 1)


def test_a_paper_without_records_has_a_page(root: Path) -> None:
    write_paper(Layout(root, "quick", "bare"))
    assert "No run has been recorded at quick scale." in (root / "site/quick/bare/index.html").read_text()


def test_the_same_records_give_the_same_pages(layout: Layout, pages: dict[str, str]) -> None:
    assert {path.name: path.read_text() for path in write_paper(layout)}.items() <= pages.items()


def test_plot_of_an_effect_shades_the_side_of_the_claim(layout: Layout) -> None:
    plot = plot_claim(read_judged_claims(layout)[0])
    assert plot is not None
    [bar] = plot.bars
    # axis from -13 to 0 with 8 % on each side: -1.0 stands at (14.04 - 1) / 15.08 of the width
    assert bar.claimed_from == 0.0
    assert bar.claimed_to == pytest.approx(100 * (14.04 - 1) / 15.08, abs=0.01)
    assert bar.zero == pytest.approx(100 * 14.04 / 15.08, abs=0.01)
    assert bar.low < bar.mean < bar.high < bar.claimed_to


def test_plot_of_a_value_shades_the_margin(layout: Layout) -> None:
    plot = plot_claim(read_judged_claims(layout)[1])
    assert plot is not None
    [bar] = plot.bars
    assert bar.claimed_from < (bar.published or 0) < bar.claimed_to < bar.low
    assert bar.zero is None


def test_parts_without_an_estimate_are_kept(layout: Layout) -> None:
    judged = read_judged_claims(layout)[0]
    part = Part(label="hard PL", word="not run", estimate=None, sentence="No record exists.")
    plot = plot_claim(JudgedClaim(judged.claim, judged.verdict.model_copy(update={"parts": [part]})))
    assert plot is not None
    assert (plot.bars, plot.without) == ([], [part])


def test_a_deterministic_estimate_of_zero_can_be_drawn(layout: Layout) -> None:
    judged = read_judged_claims(layout)[0]
    assert isinstance(judged.claim, EffectClaim)
    zero = Estimate(mean=0.0, low=0.0, high=0.0, confidence=0.95, n=1, deterministic=True)
    claim = judged.claim.model_copy(
        update={"every": [judged.claim.every[0].model_copy(update={"at_least": 0.0})]}
    )
    verdict = judged.verdict.model_copy(update={"parts": [], "estimate": zero})
    plot = plot_claim(JudgedClaim(claim, verdict))
    assert plot is not None
    assert plot.bars[0].mean == 50.0


def test_no_estimate_no_plot(layout: Layout) -> None:
    judged = read_judged_claims(layout)[2]
    assert isinstance(judged.claim, ValueClaim)
    assert isinstance(judged.verdict, Verdict)
    assert plot_claim(judged) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.44, "0.4 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (185, "3 min 5 s"), (7800, "2 h 10 min")],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text
