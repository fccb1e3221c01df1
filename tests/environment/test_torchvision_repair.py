"""The repair makes timm usable here, is still needed here, and leaves a build that matches alone."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORWARD = """
import timm, torch
model = timm.create_model("resnet18", num_classes=10).eval()
print(tuple(model(torch.zeros(1, 3, 32, 32)).shape))
"""
# Beside it any extension loads; it has no torch.library, so that declaring an operator would fail.
FAKE_TORCH = """
class _Ops:
    loaded = []
    def load_library(self, path):
        self.loaded.append(path)
ops = _Ops()
"""


def run(code: str, *folders: Path, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run Python code in a fresh process that finds modules in `folders` first."""
    code = f"import sys; sys.path[:0] = {[str(folder) for folder in folders]}\n{code}"
    command = [sys.executable, *options, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_timm_works_after_common_is_imported() -> None:
    answer = run("import common\n" + FORWARD, ROOT)
    assert answer.stdout.strip() == "(1, 10)", answer.stderr


@pytest.mark.skipif(
    not metadata.version("torch").endswith("+cpu"), reason="this torch isn't a build for processors alone"
)
def test_the_repair_is_still_needed_here() -> None:
    answer = run(FORWARD)
    assert "operator torchvision::nms does not exist" in answer.stderr, (
        "timm works here without common/torchvision_repair.py. If it does beside every build of torch that "
        "requirements.txt admits, delete the module, its call in common/__init__.py and this file."
    )


def test_a_matching_build_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text(FAKE_TORCH)
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text("import torch\nloaded = torch.ops.loaded")
    (tmp_path / "torchvision" / "_C.so").touch()
    answer = run("import common, torchvision; print(torchvision.loaded)", ROOT, tmp_path)
    assert answer.stdout.strip() == str([str(tmp_path / "torchvision" / "_C.so")]), answer.stderr


def test_a_missing_torchvision_is_reported_by_python_itself() -> None:
    answer = run("import common, torchvision", ROOT, options=("-S",))  # -S: without site-packages
    assert answer.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'torchvision'"


def test_installing_is_cheap_and_happens_once() -> None:
    code = """
import time
import common
from common.torchvision_repair import TorchvisionRepair, install
start = time.perf_counter()
install()
taken = time.perf_counter() - start
hooks = sum(isinstance(finder, TorchvisionRepair) for finder in sys.meta_path)
print(hooks, "torch" in sys.modules, taken < 0.001)
"""
    answer = run(code, ROOT)
    assert answer.stdout.split() == ["1", "False", "True"], answer.stderr
