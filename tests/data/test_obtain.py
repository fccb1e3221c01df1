from __future__ import annotations

import json
from pathlib import Path

import pytest

from common.data.__main__ import main
from common.data.arrays import verify
from common.data.manifests import read_manifest
from common.data.obtain import obtain
from common.data.progress import is_silent
from common.data.sources import DatasetEntry
from common.strict import BadInputError
from tests.data.samples import LETTERS, letters_entry, sha256
from tests.data.serving import Server

NAME = "letter-recognition.data"


def prepare(entry: DatasetEntry, root: Path) -> list[str]:
    lines: list[str] = []
    obtain("letters", {"letters": entry}, root, lines.append)
    return lines


def served_by(root: Path) -> dict[str, object]:
    facts: dict[str, object] = json.loads((root / "data/downloads/letters/served_by.json").read_text())
    return facts


def test_the_mirror_serves_first_and_where_it_lies(tmp_path: Path, server: Server) -> None:
    (tmp_path / "mirror/uci").mkdir(parents=True)
    (tmp_path / "mirror/uci" / NAME).write_bytes(LETTERS)
    sources = [{"kind": "mirror", "folder": "uci"}, {"kind": "home", "base": server.base}]
    assert prepare(letters_entry(LETTERS, sources), tmp_path) == ["letters: prepared from mirror folder uci"]
    verify("letters", tmp_path)
    facts = {"bytes": len(LETTERS), "sha256": sha256(LETTERS)}
    assert served_by(tmp_path) == {"source": "mirror folder uci", "files": {NAME: facts}}
    assert server.asked == []


def test_a_failing_source_is_reported_and_the_next_is_tried(tmp_path: Path, server: Server) -> None:
    server.files[NAME] = LETTERS
    sources = [
        {"kind": "mirror", "folder": "uci"},
        {"kind": "home", "base": f"{server.base}gone/"},
        {"kind": "installed", "package": "no-such-package", "folder": "data"},
        {"kind": "home", "base": server.base},
    ]
    lines = prepare(letters_entry(LETTERS, sources), tmp_path)
    assert len(lines) == 4
    assert lines[0].startswith("letters: mirror folder uci failed: ")
    assert lines[0].endswith(f"uci/{NAME} does not exist")
    assert lines[1].startswith(f"letters: {server.base}gone/ failed: {NAME} can't be fetched (404")
    assert lines[2].endswith("failed: no-such-package is not installed")
    assert lines[3] == f"letters: prepared from {server.base}"
    assert served_by(tmp_path)["source"] == server.base


def test_a_mirror_with_other_bytes_is_reported(tmp_path: Path, server: Server) -> None:
    (tmp_path / "mirror/uci").mkdir(parents=True)
    (tmp_path / "mirror/uci" / NAME).write_bytes(LETTERS.replace(b"T", b"S"))
    server.files[NAME] = LETTERS
    sources = [{"kind": "mirror", "folder": "uci"}, {"kind": "home", "base": server.base}]
    lines = prepare(letters_entry(LETTERS, sources), tmp_path)
    assert "holds other bytes: its sha256 is" in lines[0]
    assert lines[1] == f"letters: prepared from {server.base}"


def test_a_source_of_other_content_is_rejected_by_the_manifest(tmp_path: Path, server: Server) -> None:
    """Another encoding, with a checksum of its own, passes the check of bytes but not that of content."""
    server.files |= {NAME: LETTERS, f"other/{NAME}": LETTERS.replace(b"T", b"S")}
    sources = [{"kind": "home", "base": server.base}]
    prepare(letters_entry(LETTERS, sources), tmp_path)
    pinned = (tmp_path / "data/manifests/letters.json").read_bytes()
    other = {
        "kind": "home",
        "base": f"{server.base}other/",
        "files": {NAME: {"sha256": sha256(server.files[f"other/{NAME}"])}},
    }
    with pytest.raises(BadInputError, match="delete that file first") as caught:
        prepare(letters_entry(LETTERS, [other]), tmp_path)
    assert "pins" in str(caught.value)
    assert (tmp_path / "data/manifests/letters.json").read_bytes() == pinned
    verify("letters", tmp_path)
    assert served_by(tmp_path)["source"] == server.base

    (tmp_path / "data/manifests/letters.json").unlink()
    prepare(letters_entry(LETTERS, [other]), tmp_path)
    assert read_manifest("letters", tmp_path).content_hash not in pinned.decode()


def test_what_was_downloaded_before_needs_no_network(tmp_path: Path, server: Server) -> None:
    server.files[NAME] = LETTERS
    entry = letters_entry(LETTERS, [{"kind": "mirror", "folder": "u"}, {"kind": "home", "base": server.base}])
    prepare(entry, tmp_path)
    server.files.clear()
    server.asked.clear()
    assert prepare(entry, tmp_path) == [f"letters: prepared from {server.base}"]
    assert server.asked == []


def test_when_all_fail_one_error_lists_them_and_the_way_out(tmp_path: Path, server: Server) -> None:
    sources = [{"kind": "mirror", "folder": "uci"}, {"kind": "home", "base": server.base}]
    with pytest.raises(BadInputError) as caught:
        prepare(letters_entry(LETTERS, sources), tmp_path)
    lines = str(caught.value).splitlines()
    assert lines[0] == "No source could serve 'letters':"
    assert lines[1].startswith("  - mirror folder uci: ")
    assert lines[2].startswith(f"  - {server.base}: ")
    assert "RESEARCH_DATA_MIRROR=MIRROR python -m common.data letters" in lines[3]
    assert len(lines) == 4
    assert not (tmp_path / "data/manifests").exists()


def test_a_misspelt_data_set_gets_a_suggestion_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["digits", "cifar_10"]) == 1
    said = capsys.readouterr().err
    assert "'cifar_10' is no data set" in said
    assert "Did you mean 'cifar10'?" in said
    assert not (tmp_path / "data").exists()


def test_the_command_line_prepares_and_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["digits"]) == 0
    assert "prepared from installed Python package scikit-learn" in capsys.readouterr().err
    assert read_manifest("digits").arrays["images"].shape == [1797, 8, 8]
    assert main(["--list"]) == 0
    assert "omniglot" in capsys.readouterr().out


def test_bars_are_for_a_person_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert not is_silent()
    monkeypatch.setenv("CI", "true")
    assert is_silent()
    monkeypatch.delenv("CI")
    monkeypatch.setattr("sys.stderr.isatty", lambda: False)
    assert is_silent()
