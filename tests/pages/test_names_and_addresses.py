"""What becomes an address or the name of a file is restricted where it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.claims.reading import read_claims
from common.pages.figures.module import find_figures
from common.pages.paper import read_paper
from common.pages.tables.published import read_published
from common.pages.tables.schema import read_tables
from common.strict import BadInputError
from tests.pages import example

NAMES = [
    "../up",
    "a/b",
    "/etc/passwd",
    "A",
    "é",
    "a b",
    "a.b",
    "a-b",
    "1a",
    "",
    "a\n",
    "a\0",
    "a\u202e",
    "<b>",
]
ADDRESSES = [
    *("javascript:alert(1)", "JAVASCRIPT:alert(1)", " javascript:alert(1)", "data:text/html,<script>"),
    *("file:///etc/passwd", "ftp://example.org/x", "//example.org/x", "example.org/code", "https://"),
    *(
        "https://example.org/a b",
        "https://example.org/\u202e",
        "https://example.org/\nx",
        "https://exämple.org",
    ),
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_code_is_an_http_address(root: Path, address: str) -> None:
    example.write_definitions(root, paper={**example.CITATION, "code": address})
    with pytest.raises(BadInputError, match=r"papers/example/paper\.yaml: 'code' is "):
        read_paper(root, example.PAPER)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("arxiv", value) for value in ("../x", "2104.1", "2104.12928?x", '"><b>', "2104.12928 ", "cs/1")),
        *(("doi", value) for value in ("11.1/x", "10.1/x", "10.1000/", "10.1000/a b", "10.1000/é")),
    ],
)
def test_identifiers_of_the_citation_have_their_form(root: Path, key: str, value: str) -> None:
    example.write_definitions(root, paper={**example.CITATION, key: value})
    with pytest.raises(BadInputError, match=f"'{key}' is "):
        read_paper(root, example.PAPER)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("arxiv", value) for value in ("2104.12928", "0704.0001v2", "cs/0112017", "math.GT/0309136")),
        ("doi", "10.1000/182<a>(b)#c"),
    ],
)
def test_real_identifiers_are_taken(root: Path, key: str, value: str) -> None:
    example.write_definitions(root, paper={**example.CITATION, key: value})
    assert getattr(read_paper(root, example.PAPER), key) == value


@pytest.mark.parametrize("name", NAMES)
def test_no_id_leaves_its_folder(root: Path, name: str) -> None:
    table, claim = example.TABLES, example.CLAIM_EFFECT
    example.write_definitions(
        root,
        tables={"tables": [{**table, "id": name}]},
        published={"tables": [{**example.PUBLISHED, "id": name}]},
        claims={"claims": [{**claim, "id": name}]},
    )
    for read in (read_tables, read_published):
        with pytest.raises(BadInputError, match=r"'tables\.0\.id' is "):
            read(root, example.PAPER)
    with pytest.raises(BadInputError, match="'id' is "):
        read_claims(root / "papers" / example.PAPER / "claims.yaml")


@pytest.mark.parametrize("part", ["rows", "columns"])
@pytest.mark.parametrize("name", NAMES)
def test_no_row_or_column_has_such_an_id(root: Path, part: str, name: str) -> None:
    first, *rest = example.TABLES[part]
    example.write_definitions(
        root, tables={"tables": [{**example.TABLES, part: [{**first, "id": name}, *rest]}]}
    )
    with pytest.raises(BadInputError, match=rf"'tables\.0\.{part}\.0\.id' is "):
        read_tables(root, example.PAPER)


@pytest.mark.parametrize("name", ["A", "a b", "a-b", "1a", "é", "a\u202e", "<b>"])
def test_no_figure_has_such_a_name(root: Path, name: str) -> None:
    (root / "papers" / example.PAPER / "figures" / f"{name}.py").touch()
    with pytest.raises(BadInputError, match=r"papers/example/figures/ has a figure '.*'; rename it"):
        find_figures(root, example.PAPER)
