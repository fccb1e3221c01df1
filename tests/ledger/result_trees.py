"""Two small trees of results that are alike, in which tests change one thing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from common.records.store import write_record
from common.runs.receipt import Receipt, file_hash
from tests.pages.example import PAPER, make_record, write_verdicts

METHODS = ("ent", "rpl")
FOLDER = Path("results/quick") / PAPER
CONFIG = {"settings": {"learning_rate": 0.1}, "conditions": [{"corruption": "fog"}], "threads": 1}
MACHINE = make_record().machine.model_copy(update={"packages": {"torch": "2.1"}})
TABLE = "section,row,column,mean\nhere,ent,fog,20.5\nhere,rpl,fog,21.5\nhere,rpl,blur,\n"


def write_tree(
    root: Path, seeds: int = 2, moved: bool = False, hung_on: dict[str, Any] | None = None
) -> Path:
    """Write a paper's results, and return its folder.

    Args:
        moved: ENT's error is another.
        hung_on: what ENT's jobs hung on instead: fields of their receipts and records.
    """
    folder = root / FOLDER
    for method in METHODS:
        own = (hung_on or {}) if method == "ent" else {}
        for seed in range(seeds):
            _write_job(root, method, seed, 0.5 if moved and method == "ent" else 0.0, own)
    (folder / "tables").mkdir(parents=True)
    (folder / "tables" / "errors.csv").write_text(TABLE.replace("20.5", "21.0") if moved else TABLE)
    write_verdicts(root)
    return folder


def _write_job(root: Path, method: str, seed: int, shift: float, own: dict[str, Any]) -> None:
    facts = {"machine": MACHINE, "data": {"cifar10": "ab" * 32}, "inputs": {"source": "cd" * 32}, **own}
    config = facts.pop("config", CONFIG)
    modules = facts.pop("modules", {"common.training.descent": "01" * 32})
    path = FOLDER / f"records/adaptation/{method}/seed{seed}/corruption=fog.json"
    record = make_record(
        method=method,
        seed=seed,
        condition={"corruption": "fog"},
        metrics={"error_percent": 20.0 + seed + shift},
        settings=config["settings"],
        code=next(iter(modules.values())),
        **facts,
    )
    write_record(root / path, record, None)
    receipt = Receipt(
        **{name: getattr(record, name) for name in ("paper", "scale", "step", "method", "seed", "commit")},
        modules=modules,
        config=config,
        records={path.as_posix(): file_hash(root / path)},
        finished=record.finished,
        seconds=1.0,
        memory_mib=1.0,
        bytes=1,
        **facts,
    )
    where = root / FOLDER / f"receipts/adaptation/{method}/seed{seed}.json"
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_text(receipt.model_dump_json())


def edit_json(path: Path, **changes: Any) -> None:
    """Change keys at the top of a JSON file."""
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
