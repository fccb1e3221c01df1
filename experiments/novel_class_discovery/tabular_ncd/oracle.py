"""Step `oracle`: the same trials as of `search`, chosen by their accuracy on the novel test rows themselves.

No practical method may do this. It tells what the choice on hidden classes gives away.
"""

from __future__ import annotations

from collections.abc import Iterator

from common.runs.job import Job, Result
from experiments.novel_class_discovery.tabular_ncd.settings import SearchSettings


class Settings(SearchSettings):
    """As of `search`."""


def run(job: Job[Settings]) -> Iterator[Result]:
    """Yield, for each data set, the novel accuracy of all trials; what is best is the artefact."""
    from experiments.novel_class_discovery.tabular_ncd.choices import choose, read_choice, write_choices
    from experiments.novel_class_discovery.tabular_ncd.data_sets import load_set
    from experiments.novel_class_discovery.tabular_ncd.facts import search_facts
    from experiments.novel_class_discovery.tabular_ncd.rank_correlation import rank_correlation
    from experiments.novel_class_discovery.tabular_ncd.trial_scores import kept_scores

    settings, choices = job.settings, {}
    (searched,) = job.inputs.values()
    for condition in job.conditions:
        name = str(condition["dataset"])
        data = load_set(name, job.root, job.seed, job.folders, settings.most_rows)
        tried = read_choice(searched, name)
        scores = kept_scores(job, f"{name} oracle", data.task(), data.truth, tried.trials)
        choices[name] = choose(tried.trials, scores)
        correlations = {
            f"rank_correlation_{given}": rank_correlation(tried.scores[given], found)
            for given, found in scores.items()
        }
        yield Result(
            condition,
            metrics={f"best_accuracy_{given}": max(found) for given, found in scores.items()}
            | correlations
            | choices[name].chosen_values(),
            protocol=search_facts(data, settings, "novel_classes", 0),
            curves={f"novel_accuracy_{given}": found for given, found in scores.items()}
            | {f"hidden_accuracy_{given}": tried.scores[given] for given in scores},
        )
    write_choices(job.artefact, choices, job.step)
