"""How each job of a paper stands: up to date, never run, or why it would run again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from common.ledger.reasons import Reason, changed_by_hand, joined, own_reasons
from common.records.schema import Scale
from common.runs.config import PaperConfig
from common.runs.inputs import artefact_path, jobs_by_name
from common.runs.plan import JobSpec, jobs
from common.runs.processes import processes
from common.runs.receipt import read_receipt

Word = Literal["never run", "would run again", "changed by hand", "left out", "up to date"]


@dataclass(frozen=True)
class Standing:
    """One job and how it stands; `reasons` say why, and are empty where it is up to date."""

    spec: JobSpec
    word: Word
    reasons: tuple[Reason, ...] = ()

    @property
    def would_run(self) -> bool:
        """Whether Snakemake would run the job."""
        return self.word in ("never run", "would run again")


class Standings:
    """The standing of every planned job of a paper, by the path of its receipt.

    What Snakemake would run is found as it finds it: a job that would run makes those run again that read
    what it leaves, those that must leave an artefact for it that is gone, and those that share its process.
    Known are receipts alone: a job that was run by hand after an edit, Snakemake still runs once more. And
    a job that reads a folder of the user's counts as one that Snakemake runs once it has been run.
    """

    def __init__(self, config: PaperConfig, scale: Scale, root: Path, seeds: int | None = None) -> None:
        self._config = config
        self._root = root
        self.by_receipt = {spec.receipt: self._alone(spec) for spec in jobs(config, scale, seeds)}
        self._pass_on()

    def of(self, spec: JobSpec) -> Standing:
        """How a planned job stands."""
        return self.by_receipt[spec.receipt]

    def _alone(self, spec: JobSpec) -> Standing:
        """How a job stands if no other runs."""
        receipt = read_receipt(spec, self._root)
        if receipt is None and spec.config.folders:
            return Standing(spec, "left out", (_unnamed_folders(spec),))
        if receipt is None and any((self._root / path).is_file() for path in spec.records):
            return Standing(
                spec, "would run again", (Reason("its receipt is missing", (str(spec.receipt_of("*")),)),)
            )
        if receipt is None:
            return Standing(spec, "never run", (Reason("it has left no record"),))
        reasons = own_reasons(spec, self._config, self._root, receipt)
        if reasons:
            return Standing(spec, "would run again", joined(reasons))
        edited = changed_by_hand(spec, self._root, receipt)
        if edited:
            refused = Reason("its record was changed by hand, and will be refused", tuple(edited))
            return Standing(spec, "changed by hand", (refused,))
        return Standing(spec, "up to date")

    def _pass_on(self) -> None:
        """Let each job that would run make others run."""
        readers = self._readers()
        groups = self._groups()
        waiting = [standing.spec for standing in self.by_receipt.values() if standing.would_run]
        while waiting:
            spec = waiting.pop(0)
            for other, reason in self._made_to_run(spec, readers, groups):
                standing = self.of(other)
                if standing.word in ("never run", "left out"):
                    continue
                if not standing.would_run:
                    waiting.append(other)
                earlier = standing.reasons if standing.would_run else ()
                self.by_receipt[other.receipt] = Standing(
                    other, "would run again", joined((*earlier, reason))
                )

    def _made_to_run(
        self, spec: JobSpec, readers: Mapping[Path, list[JobSpec]], groups: Mapping[Path, list[JobSpec]]
    ) -> Iterator[tuple[JobSpec, Reason]]:
        """The jobs that run because `spec` does, and why."""
        name = f"{spec.step}/{spec.method}"
        for reader in readers.get(spec.receipt, []):
            yield reader, Reason("an earlier step, which it reads, would run", (name,))
        for maker in jobs_by_name(spec, self._config).values():
            if not artefact_path(maker, self._root).is_file() and not self.of(maker).would_run:
                yield maker, Reason("its artefact is gone, which one that would run reads", (name,))
        for other in groups[spec.receipt]:
            if not self.of(other).would_run:
                yield other, Reason("it shares a process with another that would run", (name,))

    def _readers(self) -> dict[Path, list[JobSpec]]:
        """Receipt of a job -> the jobs that read its artefact."""
        found: dict[Path, list[JobSpec]] = {}
        for spec in self._run_at_all():
            for maker in jobs_by_name(spec, self._config).values():
                found.setdefault(maker.receipt, []).append(spec)
        return found

    def _groups(self) -> dict[Path, list[JobSpec]]:
        """Receipt of a job -> the jobs of its process, itself included."""
        return {spec.receipt: together for together in processes(self._run_at_all()) for spec in together}

    def _run_at_all(self) -> Sequence[JobSpec]:
        return [standing.spec for standing in self.by_receipt.values() if standing.word != "left out"]


def _unnamed_folders(spec: JobSpec) -> Reason:
    named = ", ".join(f'"{name}": "<path>"' for name in spec.config.folders)
    return Reason("it reads a folder that you name", (f"--config folders='{{{named}}}'",))
