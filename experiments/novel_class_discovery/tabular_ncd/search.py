"""Step `search`: hyperparameters drawn at random, scored on hidden known classes; no novel label is read."""

from __future__ import annotations

from collections.abc import Iterator

from common.runs.job import Job, Result
from experiments.novel_class_discovery.tabular_ncd.settings import SearchSettings


class Settings(SearchSettings):
    """A method, its data and the search."""


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield, for each data set, the scores of all trials; what was chosen is the artefact."""
    import numpy as np

    from common.training.seeding import stream_seed
    from experiments.novel_class_discovery.tabular_ncd.choices import choose, write_choices
    from experiments.novel_class_discovery.tabular_ncd.data_sets import load_set
    from experiments.novel_class_discovery.tabular_ncd.facts import search_facts
    from experiments.novel_class_discovery.tabular_ncd.hidden_classes import hidden_class_folds
    from experiments.novel_class_discovery.tabular_ncd.search_space import draw_trials
    from experiments.novel_class_discovery.tabular_ncd.trial_scores import kept_scores, mean_scores

    settings, choices = job.settings, {}
    for condition in job.conditions:
        name = str(condition["dataset"])
        data = load_set(name, job.root, job.seed, job.folders, settings.most_rows)
        drawing, hiding = (
            np.random.default_rng(stream_seed(job.seed, f"{use} {name}")) for use in ("trials", "folds")
        )
        drawn = draw_trials(settings.method.kind, settings.trials, data.train.shape[1], drawing)
        trials = settings.given_trials or drawn
        folds = hidden_class_folds(data, hiding, settings.most_folds, settings.most_scored)
        scores = mean_scores(
            [
                kept_scores(job, f"{name} fold {place}", fold.task, fold.truth, trials)
                for place, fold in enumerate(folds)
            ]
        )
        choices[name] = choose(trials, scores)
        yield Result(
            condition,
            metrics={f"hidden_accuracy_{given}": max(found) for given, found in scores.items()}
            | choices[name].chosen_values(),
            protocol=search_facts(data, settings, "hidden_classes", len(folds)),
            curves={f"hidden_accuracy_{given}": found for given, found in scores.items()},
        )
    write_choices(job.artefact, choices, job.step)
