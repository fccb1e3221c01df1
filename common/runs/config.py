"""A paper's config.yaml: for each scale, the steps whose runs produce its numbers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from common.records.schema import Name, Scalar, Scale
from common.runs.conditions import Condition, condition_name, product
from common.strict import BadInputError, StrictModel, read_yaml, suggest, validate

SCALES: tuple[Scale, ...] = get_args(Scale)

Values = Annotated[list[Scalar], Field(min_length=1)]
Indices = Annotated[list[NonNegativeInt], Field(min_length=1)]


class Resources(StrictModel):
    """What a job of a step asks a cluster for; what is left out, its scale says.

    No number hangs on it, so a change makes no record stale.

    Attributes:
        mem_mb: memory in megabytes (GPUs count their own).
        runtime: minutes after which the cluster may end the job.
        gpu: GPUs; 0 for a step of a full scale that has no use for one.
    """

    mem_mb: int | None = Field(default=None, ge=1)
    runtime: int | None = Field(default=None, ge=1)
    gpu: int | None = Field(default=None, ge=0, le=1)


class StepConfig(StrictModel):
    """One stage of an experiment: a module whose `run` yields a result for every cell of a method.

    Attributes:
        entry: the module with `Settings` and `run`.
        methods: method -> settings of its own; they extend and override `settings`.
        method_modules: each method is a module of the track, found by its name.
        uses: further modules of the track that every job of the step uses, found by their names as methods
            are: a job hangs on each of them.
        conditions: products of values; together they are the conditions of every method.
        only: method -> indices into `conditions`, where a method has fewer than all.
        needs: steps whose artefact of the same seed the step reads: a method that the earlier step has too
            reads that of its own, any other that of the earlier step's only method.
        gathers: step -> number of seeds: the step reads that one's artefacts of the seeds 0, 1, … together;
            by the same rule of methods.
        artefact: name of the file that each job leaves for later steps.
        datasets: prepared data sets that the step reads.
        folders: data that the user names with `--folder <folder>=<path>`, to Snakemake in `folders`.
        seeds: number of seeds where it is not the scale's (1 for what has no randomness); what later steps
            read of the step may call for more.
        seeds_per_job, methods_per_job: so many share a process, where a run is short beside the start of
            Python and torch; editing one of these methods runs them all again.
        resources: what a job asks a cluster for, where it is not what is usual for its scale.
    """

    entry: str
    methods: dict[Name, dict[str, Any]] = Field(min_length=1)
    method_modules: bool = False
    uses: list[Name] = []
    settings: dict[str, Any] = {}
    conditions: list[dict[Name, Values]] = Field(default=[{}], min_length=1)
    only: dict[Name, Indices] = {}
    needs: list[Name] = []
    gathers: dict[Name, PositiveInt] = {}
    artefact: str | None = None
    datasets: list[Name] = []
    folders: list[Name] = []
    seeds: int | None = Field(default=None, ge=1)
    seeds_per_job: int = Field(default=1, ge=1)
    methods_per_job: int = Field(default=1, ge=1)
    threads: int = Field(default=1, ge=1)
    resources: Resources = Resources()

    @model_validator(mode="after")
    def _only_names_what_is_there(self) -> StepConfig:
        for method, indices in self.only.items():
            if method not in self.methods:
                raise ValueError(f"'only' names the method '{method}'." + suggest(method, self.methods))
            if any(index >= len(self.conditions) for index in indices):
                raise ValueError(f"'only' of '{method}' points past the {len(self.conditions)} conditions")
        return self

    @model_validator(mode="after")
    def _reads_each_step_in_one_way(self) -> StepConfig:
        for step in self.gathers:
            if step in self.needs:
                raise ValueError(f"'{step}' stands under 'needs' and under 'gathers'; keep one of the two")
        return self

    @model_validator(mode="after")
    def _each_cell_has_a_file_of_its_own(self) -> StepConfig:
        for method in self.methods:
            names = Counter(map(condition_name, self.conditions_of(method)))
            repeated = [name for name, count in names.items() if count > 1]
            if repeated:
                raise ValueError(f"'{method}' has the condition {repeated[0]} more than once")
        return self

    def conditions_of(self, method: str) -> list[Condition]:
        """The conditions of all cells of `method`, in order."""
        indices = self.only.get(method, range(len(self.conditions)))
        return [condition for index in indices for condition in product(self.conditions[index])]

    def method_for(self, method: str) -> str | None:
        """The method whose artefact `method` of a later step reads: itself, else the only one there is."""
        if method in self.methods:
            return method
        return next(iter(self.methods)) if len(self.methods) == 1 else None


class ScaleConfig(StrictModel):
    """All steps of one scale, in an order in which they could run."""

    seeds: int = Field(ge=1)
    steps: dict[Name, StepConfig] = Field(min_length=1)

    @model_validator(mode="after")
    def _what_is_read_comes_earlier(self) -> ScaleConfig:
        seen: dict[str, StepConfig] = {}
        for name, step in self.steps.items():
            for need in step.needs:
                _check_readable(f"step '{name}' needs '{need}'", step, need, seen)
            for gathered in step.gathers:
                _check_readable(f"step '{name}' gathers '{gathered}'", step, gathered, seen)
            seen[name] = step
        return self


def _check_readable(what: str, reader: StepConfig, read: str, earlier: dict[str, StepConfig]) -> None:
    """Raise ValueError unless every method of `reader` has an artefact of the step `read` to read."""
    if read not in earlier:
        raise ValueError(f"{what}, which no earlier step is." + suggest(read, earlier))
    if earlier[read].artefact is None:
        raise ValueError(f"{what}, which must have an artefact")
    for method in reader.methods:
        if earlier[read].method_for(method) is None:
            raise ValueError(
                f"{what}, which has neither a method '{method}' nor one method alone."
                + suggest(method, earlier[read].methods)
            )


class PaperConfig(StrictModel):
    """The whole of experiments/<track>/<paper>/config.yaml."""

    paper: Name
    track: Name
    scales: dict[Scale, ScaleConfig] = Field(min_length=1)

    def scale(self, scale: Scale) -> ScaleConfig:
        """The steps at `scale`; raises BadInputError where the paper has none."""
        if scale not in self.scales:
            raise BadInputError(f"{self.paper} has no scale '{scale}'.{suggest(scale, self.scales)}")
        return self.scales[scale]


def load_config(path: Path) -> PaperConfig:
    """Read and check one config.yaml; its place must agree with the track and paper that it names."""
    config = validate(PaperConfig, read_yaml(path), str(path))
    place = (path.parent.parent.name, path.parent.name)
    if place != (config.track, config.paper):
        raise BadInputError(
            f"{path} says track '{config.track}', paper '{config.paper}', but lies in {'/'.join(place)}; "
            f"make the two agree."
        )
    return config
