"""The typeset report: what it shows, that it is the same on every machine, and what tools find in it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from common.pages.figures.drawing import write_figure
from common.pages.layout import Layout
from common.pages.report.content import gather_report
from common.pages.report.fonts import printable
from common.pages.report.typesetting import typeset
from common.pages.report.writing import write_report
from common.pages.site.paper_page import write_paper
from common.strict import BadInputError
from tests.pages import example, grouped, hostile
from tests.pages.conftest import Attacked
from tests.pages.pdf_text import pdf_text, without_space

REPOSITORY = Path(__file__).parents[2]
# What no report shows: what only a record or the provenance of one cell needs.
UNSHOWN = {"margin", "setting", "value of setting", "code", "condition"} | {
    *("published source", "published column", "published row", "quoted from", "what plus minus means"),
    *("figure column", "figure value"),
}
# The alternative of a picture is read aloud from the tags, not printed.
TAGGED = {"figure alternative"}


@pytest.fixture
def pdf(layout: Layout) -> bytes:
    write_figure(layout, "bars")
    return write_report(layout).read_bytes()


def shows(pdf: bytes, words: str) -> bool:
    """Whether the text of a PDF holds these words, however its lines break."""
    return without_space(words) in without_space(pdf_text(pdf))


def test_the_title_block_says_what_was_run_and_when(pdf: bytes) -> None:
    assert shows(pdf, "An example paper <with markup> & more Ada Example, Bo Sample Journal of Examples 2022")
    assert shows(pdf, "quick 2025-11-22 0123456789ab")


def test_verdicts_are_counted_and_told(pdf: bytes) -> None:
    assert shows(pdf, "1 ✓ holds 1 ⊘ not comparable 1 ○ not run")
    assert shows(pdf, "ENT is 11.5 points below Source, 95 % interval -13 to -10, over 3 seeds.")
    assert shows(pdf, "\N{MINUS SIGN}11.5 [\N{MINUS SIGN}13.0, \N{MINUS SIGN}10.0] points")
    assert shows(pdf, "Table 19 · tested at quick scale · published 13.3 %, Table 19 · margin ±0.5 %")


def test_tables_show_each_number_beside_the_published_one(pdf: bytes) -> None:
    assert shows(pdf, "Quick scale, made here on 2 cores of Example 9000, 2025-11-22")
    assert shows(pdf, "ENT 21.0 ±0.1 39.0 ±2.5 not run 30.0 ±1.3 published 8.3a 18.5 ±0.2a 13.3 ±0.1a")
    assert shows(pdf, "Full scale, recorded on Example GPU, 2025-11-22")
    assert shows(pdf, "a not comparable: scale (full published, quick here), network")


def test_the_rest_of_the_page_is_there_too(pdf: bytes) -> None:
    assert shows(pdf, "Error by method Regenerates Figure 1 of the paper.")
    assert shows(pdf, "Mean over all corruptions.")
    assert shows(pdf, "A smaller network. It fits two cores.")
    assert shows(pdf, "Runs 18 Processor time 6 min 0 s (360 core-seconds)")
    assert shows(pdf, "This report: snakemake --cores 2 results/quick/example/report.pdf")


def test_the_records_are_named_by_their_hash(layout: Layout, pdf: bytes) -> None:
    command = ["sha256sum", str(layout.records)]
    digest = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[0]
    assert shows(pdf, f"Their SHA-256 {digest}")


def test_a_figure_that_was_not_drawn_says_so(layout: Layout) -> None:
    pdf = write_report(layout).read_bytes()
    assert shows(pdf, "bars This figure hasn\N{RIGHT SINGLE QUOTATION MARK}t been drawn at quick scale.")
    assert shows(pdf, "Make this figure again: snakemake --cores 2 results/quick/example/figures/bars.svg")


def test_the_same_records_give_the_same_bytes(layout: Layout, pdf: bytes) -> None:
    assert write_report(layout).read_bytes() == pdf


def test_another_process_in_another_place_gives_the_same_bytes(
    layout: Layout, pdf: bytes, tmp_path: Path
) -> None:
    """No font, no clock, no time zone and no language of the machine leaves a trace."""
    program = (
        "from pathlib import Path; from common.pages.layout import Layout; "
        "from common.pages.report.writing import write_report; "
        f"write_report(Layout(Path({str(layout.root)!r}), 'quick', 'example'))"
    )
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        "PYTHONPATH": str(REPOSITORY),
        "HOME": str(home),
        "TZ": "Asia/Tokyo",
        "LANG": "ar_EG.UTF-8",
    }
    layout.report.unlink()
    subprocess.run([sys.executable, "-c", program], cwd=home, env=environment, check=True)
    assert layout.report.read_bytes() == pdf


def test_the_date_is_that_of_the_last_run(pdf: bytes) -> None:
    assert b"D:20251122115000Z" in pdf
    assert not re.search(rb"\(D:(?!20251122115000Z)", pdf)


def test_readers_find_title_authors_language_tags_and_outline(pdf: bytes) -> None:
    assert b"/Title(An example paper <with markup> & more)" in pdf
    assert b"/Author(Ada Example, Bo Sample)" in pdf
    assert b"/Lang(en)" in pdf
    assert b"/StructTreeRoot" in pdf
    assert b"/MarkInfo" in pdf
    assert re.search(rb"<pdfuaid:part>1</pdfuaid:part>", pdf)
    for bookmark in (b"Verdicts", b"Claims", b"Tables", b"Error by corruption & method", b"Provenance"):
        assert b"/Title(" + bookmark + b")/Dest" in pdf
    assert b"/Alt(Error by method)" in pdf


def test_all_links_lead_where_the_citation_says(pdf: bytes) -> None:
    links = re.findall(rb"/URI\(([^)]*)\)", pdf)
    assert set(links) == {b"https://arxiv.org/abs/2104.00000", b"https://example.org/code"}
    assert not re.findall(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|AA|OpenAction)\b", pdf)


def test_a_wide_table_stands_across_a_turned_page(layout: Layout, pdf: bytes, tmp_path: Path) -> None:
    upright, turned = b"/MediaBox[0 0 595.2756 841.8898]", b"/MediaBox[0 0 841.8898 595.2756]"
    assert upright in pdf
    assert turned not in pdf
    wide = write_report(grouped.write_grouped(tmp_path / "wide")).read_bytes()
    assert turned in wide
    assert shows(wide, "random forget set worst-case forget set")


def test_a_paper_that_was_not_run_has_no_report(root: Path) -> None:
    with pytest.raises(
        BadInputError, match=r"records\.jsonl does not exist\. Run the paper first: snakemake"
    ):
        write_report(Layout(root, "quick", "bare"))


def test_no_record_no_report(layout: Layout) -> None:
    layout.records.write_text("")
    with pytest.raises(BadInputError, match=r"holds no record\. Run the paper first: snakemake --cores 2"):
        write_report(layout)


def test_a_broken_picture_is_a_sentence_and_leaves_the_old_report(layout: Layout, pdf: bytes) -> None:
    layout.figure("bars", "svg").write_text("<svg")
    with pytest.raises(BadInputError, match=r"The report of example can't be typeset: .*SVG.*draw the fig"):
        write_report(layout)
    assert layout.report.read_bytes() == pdf


def test_the_page_links_to_the_report_where_there_is_one(layout: Layout) -> None:
    page = layout.site / "index.html"
    write_paper(layout)
    assert "PDF report" not in page.read_text()
    write_report(layout)
    write_paper(layout)
    assert '<a href="report.pdf">PDF report</a>' in page.read_text()
    assert (layout.site / "report.pdf").read_bytes() == layout.report.read_bytes()


def test_the_command_line_writes_the_report(layout: Layout) -> None:
    command = [sys.executable, "-m", "common.pages", "report", example.PAPER]
    done = subprocess.run(
        command,
        cwd=layout.root,
        env={"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "results/quick/example/report.pdf"), done.stderr
    assert layout.report.read_bytes().startswith(b"%PDF-")


def test_hostile_words_are_printed_as_they_stand(attacked: Attacked) -> None:
    shown = without_space(pdf_text(typeset(gather_report(attacked.layout)))).replace("_", "")
    words = {place: printable(hostile.normalised(text)) for place, text in attacked.words.items()}
    missing = {place for place, text in words.items() if without_space(text) not in shown}
    missing = {place for place in missing if not place.startswith("catalogued")}
    assert missing == UNSHOWN | TAGGED


def test_a_character_without_a_glyph_is_printed_by_its_number() -> None:
    assert printable("Ł. Ωmega, 中文, ﷽") == "Ł. Ωmega, [U+4E2D][U+6587], [U+FDFD]"


def test_hostile_words_add_no_link_and_no_action(plain: Attacked, attacked: Attacked) -> None:
    expected, found = (typeset(gather_report(each.layout)) for each in (plain, attacked))
    for mark in (
        rb"/URI\(",
        rb"/Dest\b",
        rb"/S/H1\b",
        rb"/S/H2\b",
        rb"/S/Table\b",
        rb"/S/TR\b",
        rb"/S/Figure\b",
    ):
        assert len(re.findall(mark, found)) == len(re.findall(mark, expected)), mark
    assert not re.findall(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|AA|OpenAction)\b", found)
