from __future__ import annotations

from pathlib import Path

import torch

from common.atomic import replacing
from common.models.saving import save_tensors


def test_equal_tensors_make_equal_files_whatever_their_names(tmp_path: Path) -> None:
    content = {"name": "a network", "state": {"weight": torch.arange(6.0).view(2, 3)}}
    save_tensors(content, tmp_path / "one.pt")
    with replacing(tmp_path / "another.pt") as temporary:
        save_tensors(content, temporary)
    assert (tmp_path / "one.pt").read_bytes() == (tmp_path / "another.pt").read_bytes()
    loaded = torch.load(tmp_path / "one.pt", weights_only=True)
    assert loaded["name"] == "a network"
    assert torch.equal(loaded["state"]["weight"], content["state"]["weight"])  # type: ignore[index]
