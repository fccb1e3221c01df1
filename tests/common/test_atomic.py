from __future__ import annotations

from pathlib import Path

import pytest

from common.atomic import replacing, write_text


def test_text_is_written_whole_into_a_new_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file.txt"
    write_text(path, "größer\n")
    assert path.read_text(encoding="utf-8") == "größer\n"
    assert list(path.parent.iterdir()) == [path]


def test_the_target_is_untouched_until_the_end(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.parent == path.parent  # renaming is one step only inside a file system
    assert path.read_text() == "new"


@pytest.mark.parametrize("existing", [None, "old"])
def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path: Path, existing: str | None) -> None:
    path = tmp_path / "file.txt"
    if existing is not None:
        path.write_text(existing)

    def fail() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == (
        {} if existing is None else {"file.txt": "old"}
    )


def test_a_target_that_was_never_written_is_an_error(tmp_path: Path) -> None:
    def write_nothing() -> None:
        with replacing(tmp_path / "file.txt"):
            pass

    with pytest.raises(FileNotFoundError):
        write_nothing()
