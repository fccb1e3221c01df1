"""Everything that the rules need to know: what there is, where it lies, what it hangs on."""

from __future__ import annotations

import functools
import json
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from common.data.manifests import PREPARED, array_files, content_hash
from common.data.seals import pin_path
from common.ledger.observer import ReceiptWriter
from common.ledger.observing import Observer, PlannedJob
from common.ledger.occupying import check_run_goes_on, occupy_outputs
from common.ledger.waiting import OnceThereAreJobs
from common.pages.catalogue import read_catalogue
from common.records.schema import content_hash as hash_of
from common.rules.checks import check_folders, check_paper, check_places
from common.rules.definitions import Definitions
from common.rules.front import front_definition
from common.rules.interrupted import forget_interruption
from common.rules.resources import JobResources, job_resources
from common.rules.settings import named_papers, read_settings, selected_papers
from common.rules.stages import preparation
from common.rules.starting import PYTHON
from common.rules.telling import SnakemakeTeller, limits
from common.runs.digest import code_digest
from common.runs.identity import job_digest
from common.runs.inputs import gathered_jobs, needed_jobs
from common.runs.plan import JobSpec, jobs
from common.runs.processes import processes
from common.runs.registry import find_config, paper_configs
from common.runs.seeds import seed_counts


@dataclass(frozen=True)
class RunRule:
    """One rule: a method of a step, for every seed by the wildcard `{seed}`, or several runs together.

    `seeds` are options of the command, or the function of the wildcards that gives them.
    """

    name: str
    message: str
    seeds: str | Callable[[Any], str]
    inputs: list[str]
    data: list[str]
    outputs: list[str]
    params: dict[str, str]
    threads: int
    priority: int
    resources: JobResources


class Workflow:
    """The plan of one invocation of Snakemake.

    `papers` are those that the configuration selects, `targets` also those that the command line names.
    `asked` are those of which it names a target, or else `papers`.
    Raises BadInputError for a mistake in any file that the rules will read, before anything runs.
    """

    def __init__(self, config: dict[str, Any], root: str | Path, arguments: Sequence[str] = ()) -> None:
        self.root = Path(root)
        self.definitions = Definitions(self.root)
        self.settings = read_settings(config)
        self.scale = self.settings.scale
        configs = paper_configs(self.root)
        self.all_papers = list(configs)
        self.papers = selected_papers(self.settings, self.all_papers)
        tracks = {paper: path.parent.parent.name for paper, path in configs.items()}
        named = named_papers(arguments, tracks)
        self.targets = [paper for paper in self.all_papers if paper in self.papers or paper in named]
        targets = named_papers([word for word in arguments if "=" not in word or "/" in word], tracks)
        self.asked = [paper for paper in self.all_papers if paper in targets] or self.papers
        self.results = f"results/{self.scale}"
        self.site = f"site/{self.scale}"
        check_places([".snakemake", str(PREPARED), self.results, self.site], self.root)
        read_catalogue(self.root)
        check_folders(self.settings, self.all_papers, self.root)
        for paper in self.targets:
            check_paper(paper, self.scale, self.root)
        for dataset in self.datasets():
            forget_interruption(self.arrays(dataset), self.pin(dataset), self.root)

    def observers(self, snakemake: Any) -> list[Observer]:
        """Those who look on while Snakemake runs; `snakemake` is its own workflow."""
        asked = {paper: self.jobs(paper) for paper in self.asked}
        # The progress first: it gives the terminal back before anybody else speaks of the end.
        return [
            OnceThereAreJobs(lambda: self._progress(snakemake)),
            ReceiptWriter(self.root, self.scale, asked),
        ]

    def _progress(self, snakemake: Any) -> Observer:
        from common.ledger.progress import Progress

        return Progress(self.root, Path(self.results), limits(snakemake), SnakemakeTeller(snakemake))

    def occupy(self, jobs: Sequence[PlannedJob]) -> None:
        """Keep other runs from what these jobs make; raises BadInputError where one is at work on it."""
        occupy_outputs(jobs, self.scale, self.root)

    def check_run_goes_on(self) -> None:
        """Raise BadInputError in a job on another machine whose run has been succeeded by another."""
        check_run_goes_on(self.scale, self.root)

    python = PYTHON

    # ---- papers, tracks

    @functools.cached_property
    def tracks(self) -> dict[str, list[str]]:
        """Track -> its papers among the targets."""
        found: dict[str, list[str]] = {}
        for paper in self.targets:
            found.setdefault(find_config(paper, self.root).track, []).append(paper)
        return found

    # ---- data

    def datasets(self) -> dict[str, str]:
        """Data set -> the command that makes it, for all that the targets read."""
        names = {name for paper in self.targets for spec in self.jobs(paper) for name in spec.config.datasets}
        return {name: "; ".join(preparation(name, self.root)) for name in sorted(names)}

    def arrays(self, dataset: str) -> list[str]:
        """The prepared files of a data set, as its manifest lists them."""
        return array_files(dataset, self.root)

    def pin(self, dataset: str) -> str:
        """The file that says that the arrays are those of the committed manifest."""
        return str(pin_path(dataset, self.data_hash(dataset)))

    def data_hash(self, dataset: str) -> str:
        """The canonical hash that the committed manifest pins."""
        return content_hash(dataset, self.root)

    # ---- runs

    def jobs(self, paper: str) -> list[JobSpec]:
        """The jobs of a paper whose folders, if they read any, the user has named."""
        found = jobs(find_config(paper, self.root), self.scale, self.settings.seeds)
        return [spec for spec in found if set(spec.config.folders) <= set(self.settings.folders)]

    def run_rules(self) -> Iterator[RunRule]:
        """One rule per paper, step and method, or several where seeds or methods share a job."""
        for paper in self.targets:
            for specs in processes(self.jobs(paper)):
                if specs[0].config.seeds_per_job * specs[0].config.methods_per_job > 1:
                    yield self._run_rule(specs)
                elif specs[0].seed == 0:
                    yield self._rule_of_any_seed(specs[0])

    def records(self, paper: str, step: str | None = None) -> list[str]:
        """All record files of a paper, or of one step, and the receipts that tell if they are as left."""
        specs = [spec for spec in self.jobs(paper) if step in (None, spec.step)]
        return [str(path) for spec in specs for path in (*spec.records, spec.receipt)]

    def _rule_of_any_seed(self, spec: JobSpec) -> RunRule:
        rule = self._run_rule([spec])
        return replace(
            rule,
            name=f"{spec.paper}_{spec.step}_{spec.method}",
            message=f"{spec.paper}_{spec.step}_{spec.method}, seed {{wildcards.seed}}",
            seeds=lambda wildcards: f"--seed {wildcards.seed}",
            inputs=self._inputs(spec, "{seed}"),
            outputs=_outputs(spec, "{seed}"),
        )

    def _run_rule(self, specs: list[JobSpec]) -> RunRule:
        """The rule of one job that runs `specs`: some methods of one step, all at the same seeds."""
        spec = specs[0]
        methods = {each.method: each for each in specs}
        seeds = dict.fromkeys(each.seed for each in specs)
        outputs = [path for each in specs for path in _outputs(each, each.seed)]
        folders = {name: self.settings.folders[name] for name in spec.config.folders}
        options = "".join(f" --folder {shlex.quote(f'{name}={path}')}" for name, path in folders.items())
        return RunRule(
            name=f"{spec.paper}_{spec.step}_{spec.method}_{spec.seed}",
            message=f"{spec.paper}_{spec.step}_{'_'.join(methods)}, seeds {', '.join(map(str, seeds))}",
            seeds=" ".join(f"--seed {seed}" for seed in seeds),
            # Each only once: what is gathered, all seeds share, and some of what is needed, all methods.
            inputs=list(dict.fromkeys(path for each in specs for path in self._inputs(each, each.seed))),
            # Not the arrays, which Snakemake would hash once for every output of every job.
            data=[self.pin(name) for name in spec.config.datasets],
            outputs=outputs,
            params={
                "job": f"{spec.paper} {spec.step} {' '.join(methods)} --scale {self.scale}{options}",
                "code": " ".join(job_digest(each, self.root) for each in methods.values()),
                "config": "\n".join(each.config_slice() for each in methods.values()),
                "data": json.dumps({name: self.data_hash(name) for name in spec.config.datasets}),
            },
            threads=spec.config.threads,
            # What others wait for comes first, then what has most to do: a long job begun last runs alone.
            priority=(1_000_000 if spec.artefact else 0) + len(outputs),
            resources=job_resources(spec),
        )

    def _inputs(self, spec: JobSpec, seed: int | str) -> list[str]:
        """The artefacts that `spec` reads when it runs at `seed`, a number or a wildcard."""
        config = find_config(spec.paper, self.root)
        needed = [maker.artefact_of(seed) for maker in needed_jobs(spec, config).values()]
        # The seeds of what is gathered are the same whatever the job's own seed.
        gathered = [maker.artefact for makers in gathered_jobs(spec, config).values() for maker in makers]
        return [str(path) for path in (*needed, *gathered)]

    # ---- what is made of the records

    def seeds_option(self, paper: str) -> str:
        """The command-line option that repeats `--config seeds=`, unless the paper has as many anyway."""
        seeds, scale = self.settings.seeds, find_config(paper, self.root).scale(self.scale)
        return "" if seed_counts(scale, seeds) == seed_counts(scale, None) else f"--seeds {seeds}"

    def collected(self, paper: str) -> str:
        """The file that joins all records of a paper."""
        return f"{self.results}/{paper}/records.jsonl"

    def collected_steps(self, paper: str) -> dict[str, str]:
        """Step -> the file that joins its records, for all steps of a paper that are run."""
        steps = dict.fromkeys(spec.step for spec in self.jobs(paper))
        return {step: f"{self.results}/{paper}/collected/{step}.jsonl" for step in steps}

    def table_records(self, paper: str, table: str) -> list[str]:
        """The collected files of the steps that a table shows, which run if it is asked for alone."""
        shown = self.definitions.table_steps(paper, table, self.scale)
        return [path for step, path in self.collected_steps(paper).items() if step in shown]

    def front_pages(self) -> list[str]:
        """The pages over all papers: the front page and the catalogue."""
        return [f"{self.site}/index.html", f"{self.site}/catalogue.html"]

    def front_inputs(self) -> list[str]:
        """What the pages over all papers read of those that are run, each small."""
        summaries = [f"{self.site}/{paper}/summary.json" for paper in self.papers]
        return [*summaries, *(path for paper in self.papers for path in self.verdicts(paper))]

    def front_definition(self) -> str:
        """Hash of all else that the pages over all papers read."""
        return front_definition(self.root, self.scale, self.papers)

    def code(self, *modules: str) -> str:
        """Digest of all project code that `modules` can reach."""
        return code_digest(modules, self.root)

    def figure_code(self, paper: str, figure: str) -> str:
        """Digest of the code behind one figure."""
        return self.code("common.pages.figures.drawing", f"papers.{paper}.figures.{figure}")

    def page_code(self, *modules: str) -> str:
        """Digest of the code behind kinds of pages, and of the templates of pages."""
        return self._code_and_templates(modules, "*.[!t]*")

    def report_code(self) -> str:
        """Digest of the code behind reports, and of their template."""
        return self._code_and_templates(["common.pages.report.writing"], "*.typ")

    def _code_and_templates(self, modules: Sequence[str], pattern: str) -> str:
        files = sorted((self.root / "common" / "pages" / "templates").glob(pattern))
        return hash_of([self.code(*modules), [file.read_text() for file in files]])

    def everything(self, paper: str) -> list[str]:
        """All files of a paper. Its records are among them, so that one that was deleted is made again."""
        page = f"{self.site}/{paper}/index.html"
        return [page, *self.records(paper), self.collected(paper), *self.paper_files(paper)]

    def paper_files(self, paper: str) -> list[str]:
        """Everything that a paper's page shows or links to."""
        return [*self.shown_files(paper), f"{self.results}/{paper}/report.pdf"]

    def shown_files(self, paper: str) -> list[str]:
        """The verdicts, tables and figures of a paper, which its page and its report show."""
        folder = f"{self.results}/{paper}"
        tables = [
            f"{folder}/tables/{table}.{kind}"
            for table in self.definitions.tables(paper)
            for kind in ("md", "tex", "csv")
        ]
        figures = [
            f"{folder}/figures/{figure}.{kind}"
            for figure in self.definitions.figures(paper)
            for kind in ("svg", "pdf", "png", "json")
        ]
        return [*self.verdicts(paper), *tables, *figures]

    def verdicts(self, paper: str) -> list[str]:
        """The file of a paper's verdicts; none where it states no claims."""
        return [f"{self.results}/{paper}/verdicts.json"] if self.definitions.has_claims(paper) else []


def _outputs(spec: JobSpec, seed: int | str) -> list[str]:
    """The files that `spec` leaves when it runs at `seed`, a number or a wildcard."""
    artefacts = [spec.artefact_of(seed)] if spec.config.artefact else []
    return list(map(str, (*spec.records_of(seed), spec.receipt_of(seed), *artefacts)))
