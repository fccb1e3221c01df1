"""Rules on imports that import-linter can't state, because they speak of folders found by looking."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("common", "experiments", "papers")


def modules_on_disk() -> set[str]:
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    parts = (path.relative_to(ROOT).with_suffix("").parts for path in files)
    return {".".join(part for part in parts_of_one if part != "__init__") for parts_of_one in parts}


def papers_in(graph: grimp.ImportGraph) -> list[str]:
    """The folders experiments/<track>/<paper>, which a config.yaml tells from the track's own."""
    configs = (ROOT / "experiments").glob("*/*/config.yaml")
    return sorted({".".join(path.parent.relative_to(ROOT).parts) for path in configs} & graph.modules)


def imports_between(graph: grimp.ImportGraph, papers: list[str]) -> Iterator[str]:
    """A sentence for each paper that imports another, directly or through other modules."""
    for importer, imported in itertools.permutations(papers, 2):
        for chain in graph.find_shortest_chains(importer, imported, as_packages=True):
            yield f"{' imports '.join(chain)}; name the method in config.yaml instead"


def imports_from_outside(graph: grimp.ImportGraph, papers: list[str]) -> Iterator[str]:
    """A sentence for each module that imports a paper's folder from outside it."""
    for paper in papers:
        inside = {paper, *graph.find_descendants(paper)}
        for module in inside:
            for importer in graph.find_modules_that_directly_import(module) - inside:
                yield f"{importer} imports {module}; let the registry find it instead"


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    present = [package for package in PACKAGES if (ROOT / package).is_dir()]
    return grimp.build_graph(*present, cache_dir=None)


@pytest.fixture
def toy() -> grimp.ImportGraph:
    """Two papers, of which one imports the other; the protocol imports a paper too."""
    toy = grimp.ImportGraph()
    for name in ("track", "track.protocol", "track.a", "track.a.method", "track.b", "track.b.method"):
        toy.add_module(name)
    toy.add_import(importer="track.a.method", imported="track.b.method")
    toy.add_import(importer="track.protocol", imported="track.a.method")
    toy.add_import(importer="track.b.method", imported="track.b")
    return toy


def test_every_module_is_checked(graph: grimp.ImportGraph) -> None:
    missed = modules_on_disk() - graph.modules
    assert not missed, (
        f"import-linter doesn't see {sorted(missed)}: a folder with __init__.py lies in one without, or "
        f"the other way round. Folders below experiments/ and papers/ need none."
    )


def test_no_paper_imports_another(graph: grimp.ImportGraph) -> None:
    assert not list(imports_between(graph, papers_in(graph)))


def test_no_protocol_imports_a_paper(graph: grimp.ImportGraph) -> None:
    assert not list(imports_from_outside(graph, papers_in(graph)))


def test_an_import_of_another_paper_is_found(toy: grimp.ImportGraph) -> None:
    (sentence,) = imports_between(toy, ["track.a", "track.b"])
    assert sentence.startswith("track.a.method imports track.b.method")


def test_a_protocol_that_imports_a_paper_is_found(toy: grimp.ImportGraph) -> None:
    (sentence,) = imports_from_outside(toy, ["track.a"])
    assert sentence.startswith("track.protocol imports track.a.method")
