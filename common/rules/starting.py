"""How jobs are started: with an allocator that suits torch, and warm where that can be had."""

from __future__ import annotations

import os
import secrets
import sys
from typing import Any

from common.allocator import TUNABLES
from common.warm_start.wire import VARIABLE

# `python -m`, but forked from a process that has imported what earlier jobs had to. All commands say the same
# of the allocator, since it is the first to come that starts that process.
PYTHON = f"GLIBC_TUNABLES={TUNABLES} python -S -m common.warm_start"


def offer_warm_start(workflow: Any) -> None:
    """Name the server that the first job will start; `WARM_START=no` in the environment forbids it.

    `workflow` is Snakemake's. Its jobs on other machines, which would inherit the name, start the plain way.
    """
    if not workflow.is_main_process:
        os.environ.pop(VARIABLE, None)
    elif _possible() and os.environ.get(VARIABLE) != "no":
        os.environ[VARIABLE] = f"warm-start-{secrets.token_hex(8)} {os.getpid()}"


def spare_pandas(workflow: Any) -> None:
    """Keep Snakemake from importing pandas, half a second, to ask if a parameter is a table: ours are texts.

    `workflow` is Snakemake's. Executors of clusters do need pandas.
    """
    if workflow.local_exec:
        sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]


def _possible() -> bool:
    """On Linux 5.3 or newer, where the end of a process that isn't one's child can be waited for."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return sys.platform == "linux"
