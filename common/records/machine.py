"""Where and from what a run was made: the machine, its packages, and the commit of the code."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

from common.records.schema import MachineFacts

# The packages whose version can move a number or its cost.
_PACKAGES = (
    "torch",
    "torchvision",
    "timm",
    "jax",
    "jaxlib",
    "flax",
    "optax",
    "numpy",
    "scipy",
    "scikit-learn",
    "statsmodels",
    "pandas",
    "pillow",
    "opencv-python-headless",
)
_GIBIBYTE = 2**30


def machine_facts() -> MachineFacts:
    """The machine as this process can use it; imports nothing heavy."""
    import psutil

    return MachineFacts(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_gib=round(psutil.virtual_memory().total / _GIBIBYTE, 1),
        accelerator=_accelerator(),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        packages=dict(_package_versions()),
    )


def commit_of(root: Path) -> str:
    """Hash of the commit checked out at `root`, with `-dirty` when tracked files differ from it.

    `unknown` where `root` isn't the top of a Git working tree with a commit, or there is no Git: a run is
    possible there too, and its record then says that its commit isn't known.
    """
    root = root.resolve()
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    # Without the ceiling, an unpacked copy inside another repository would carry that one's commit.
    surroundings = {**os.environ, "GIT_CEILING_DIRECTORIES": str(root.parent)}
    if shutil.which("git") is None:
        return "unknown"
    answer = subprocess.run(command, cwd=root, env=surroundings, capture_output=True, text=True, check=False)
    return answer.stdout.strip() if answer.returncode == 0 else "unknown"


@cache
def _processor() -> str:
    """The processor's name as its maker writes it, where the system tells."""
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    if platform.system() == "Darwin":
        return _output_of("sysctl", "-n", "machdep.cpu.brand_string") or platform.machine()
    return platform.processor() or platform.machine()


def _accelerator() -> str | None:
    """Name of the first graphics processor: torch's answer where torch is loaded, else the driver's."""
    torch = sys.modules.get("torch")
    if torch is not None:
        return str(torch.cuda.get_device_name(0)) if torch.cuda.is_available() else None
    return _driver_accelerator()


@cache
def _driver_accelerator() -> str | None:
    names = _output_of("nvidia-smi", "--query-gpu=name", "--format=csv,noheader")
    return names.splitlines()[0] if names else None


def _output_of(*command: str) -> str | None:
    """What a program prints; None where it isn't installed or finds nothing to report."""
    if shutil.which(command[0]) is None:
        return None
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    return answer.stdout.strip() if answer.returncode == 0 else None


@cache
def _package_versions() -> tuple[tuple[str, str], ...]:
    return tuple((name, version) for name in _PACKAGES if (version := _version(name)) is not None)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
