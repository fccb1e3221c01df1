from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import yaml

from common.data.sources import Checksum, DatasetEntry, find_entry, load_sources
from common.strict import BadInputError

REPOSITORY = Path(__file__).parents[2]
ENTRIES = load_sources()
OPTIONAL = {"cifar10_c", "cifar100_c"}  # too large for a plain `dvc repro`


@pytest.mark.parametrize("dataset", sorted(ENTRIES))
def test_every_decoder_that_is_named_exists(dataset: str) -> None:
    for decoder in ENTRIES[dataset].decoders():
        assert callable(importlib.import_module(f"common.data.decoders.{decoder}").decode)


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=list(ENTRIES))
def test_a_mirror_comes_first_and_every_file_has_a_checksum(entry: DatasetEntry) -> None:
    assert entry.sources[0].kind == "mirror"
    for source in entry.sources:
        assert entry.files_of(source)
        assert all(isinstance(checksum, Checksum) for checksum in entry.files_of(source).values())


def test_every_data_set_has_a_stage_that_depends_on_its_own_decoder_only() -> None:
    stages = yaml.safe_load((REPOSITORY / "dvc.yaml").read_text())["stages"]["prepare"]["foreach"]
    assert set(stages) == set(ENTRIES) - OPTIONAL
    for dataset, stage in stages.items():
        families = {decoder.split(".")[0] for decoder in ENTRIES[dataset].decoders()}
        assert {stage["decoder"].removesuffix(".py")} == families
        assert (REPOSITORY / "common/data/decoders" / stage["decoder"]).exists()


def test_every_stage_has_a_committed_manifest() -> None:
    stages = yaml.safe_load((REPOSITORY / "dvc.yaml").read_text())["stages"]["prepare"]["foreach"]
    for dataset in stages:
        assert (REPOSITORY / f"data/manifests/{dataset}.json").exists()


def test_an_unknown_data_set_gets_a_suggestion() -> None:
    with pytest.raises(BadInputError, match="Did you mean 'omniglot'"):
        find_entry("omniglott", ENTRIES)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("licnece: free", "unknown key"),
        ("files: {a: {md5: 12}}", "md5"),
        (f"files: {{a: {{md5: {'a' * 32}, sha256: {'a' * 64}}}}}", "give md5 or sha256, and not both"),
        ("files: {../a: {}}", "files"),
        ("sources: [{kind: ftp}]", "sources"),
        ("sources: [{kind: npm, package: a, version: latest, folder: b}]", "version"),
    ],
)
def test_mistakes_are_sentences(tmp_path: Path, wrong: str, sentence: str) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text(f"toy:\n  title: Toy\n  {wrong}\n")
    with pytest.raises(BadInputError, match=sentence):
        load_sources(path)
