"""MLflow's experiments: one per track, with a description; those of earlier versions are removed."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from common.run_browser.auditing import stored_runs
from common.run_browser.notes import NOTE
from common.run_browser.stores import Store
from common.run_browser.views import VIEW_TAG

if TYPE_CHECKING:
    from mlflow.entities import Experiment

_TRACK = "track"
# What the run browser opens an experiment as; without it, it asks or guesses.
_KIND = {"mlflow.experimentKind": "custom_model_development"}


def open_experiment(store: Store, track: str, note: str, view: str) -> tuple[str, bool]:
    """MLflow's identifier of the track's experiment, made or restored where needed.

    Also says whether its runs may be other than they were left: restoring brings back deleted ones.
    """
    tags = {_TRACK: track, NOTE: note, VIEW_TAG: view, **_KIND}
    found = store.client.get_experiment_by_name(track) or _create(store, track, tags)
    restored = found.lifecycle_stage == "deleted"
    if restored:
        store.client.restore_experiment(found.experiment_id)
    for name, value in tags.items():
        if found.tags.get(name) != value:
            store.client.set_experiment_tag(found.experiment_id, name, value)
    return str(found.experiment_id), restored


def _create(store: Store, track: str, tags: dict[str, str]) -> Experiment:
    from mlflow.exceptions import MlflowException

    try:
        identifier = store.client.create_experiment(track, store.artifact_location(track), tags)
    except MlflowException:
        # Another process may have made it since we looked.
        found = store.client.get_experiment_by_name(track)
        if found is None:
            raise
        return found
    return store.client.get_experiment(identifier)


def remove_former(store: Store, papers: Collection[str]) -> list[str]:
    """Delete the experiments that earlier versions made, one per paper; returns their names.

    One that holds a run of somebody else's is left as it is.
    """
    removed = []
    for experiment in store.client.search_experiments():
        if experiment.name in papers and _TRACK not in experiment.tags:
            kinds = {run.data.tags.get("kind") for run in stored_runs(store, experiment.experiment_id, "")}
            if kinds and kinds <= {"cell", "record"}:
                store.client.delete_experiment(experiment.experiment_id)
                removed.append(str(experiment.name))
    return removed
