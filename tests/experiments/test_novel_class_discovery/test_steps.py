"""The steps of tabular_ncd: what they yield, that they repeat, and that a search is blind to novel labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from common.runs.job import Result
from common.strict import BadInputError
from experiments.novel_class_discovery.tabular_ncd import averages, discovery, latent_maps, oracle, search
from experiments.novel_class_discovery.tabular_ncd.choices import read_choice
from experiments.novel_class_discovery.tabular_ncd.rank_correlation import rank_correlation
from experiments.novel_class_discovery.tabular_ncd.search_space import SEARCHED, draw_trials
from tests.experiments.test_novel_class_discovery.tables import METHODS, digits, job, make_root

CONDITION = [{"dataset": "digits"}]
SEARCH = {"trials": 2, "most_folds": 1, "search_estimation": {"most": 4, "runs": 1}}
CELLS = [{"dataset": "digits", "classes": given} for given in ("known", "estimated")]
TUNED = [{**cell, "chosen_on": chosen} for cell in CELLS for chosen in ("hidden_classes", "novel_classes")]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_root(tmp_path_factory.mktemp("tables"))


def searched(root: Path, method: str, path: Path, entry: Any = search, **inputs: Path) -> list[Result]:
    settings = entry.Settings.model_validate({"method": METHODS[method], **SEARCH})
    return [*entry.run(job(root, settings, CONDITION, artefact=path, inputs=inputs))]


def discovered(root: Path, method: str, conditions: list[dict[str, Any]], **changes: Any) -> list[Result]:
    settings = {
        "method": METHODS[method],
        "runs": 2,
        "searches": {"hidden_classes": "search", "novel_classes": "oracle"},
    }
    return [*discovery.run(job(root, discovery.Settings.model_validate(settings), conditions, **changes))]


@pytest.mark.parametrize("method", [*SEARCHED])
def test_a_method_is_searched_judged_and_averaged(root: Path, tmp_path: Path, method: str) -> None:
    choices, best, cells = (tmp_path / name for name in ("search.json", "oracle.json", "cells.json"))
    (found,) = searched(root, method, choices)
    assert found.protocol.model_dump()["evaluated"] == "unlabelled"
    chosen = read_choice(choices, "digits").chosen["known"]
    assert {name: found.metrics[f"chosen_known_{name}"] for name in chosen} == chosen
    (seen,) = searched(root, method, best, oracle, search=choices)
    assert read_choice(best, "digits").trials == read_choice(choices, "digits").trials
    assert -1 <= seen.metrics["rank_correlation_known"] <= 1
    inputs = {"search": choices, "oracle": best}
    results = discovered(root, method, TUNED, inputs=inputs, artefact=cells)
    assert [result.condition for result in results] == TUNED
    assert [result.metrics["class_count_error"] for result in results[:2]] == [0, 0]
    assert all(0 <= result.metrics["accuracy"] <= 100 for result in results)
    settings = averages.Settings(training="none", oracle=True)
    (known, _) = averages.run(
        job(root, settings, [{"classes": "known"}, {"classes": "estimated"}], inputs={"discovery": cells})
    )
    gap = results[1].metrics["accuracy"] - results[0].metrics["accuracy"]
    assert known.metrics["oracle_gap"] == pytest.approx(gap)
    assert known.metrics["absolute_oracle_gap"] == pytest.approx(abs(gap))


@pytest.mark.parametrize("method", ["k_means", "ncd_k_means", "spectral_clustering"])
def test_methods_without_hyperparameters_find_clear_classes(root: Path, method: str) -> None:
    known, estimated = discovered(root, method, CELLS)
    assert known.metrics["accuracy"] > 60
    assert known.protocol.model_dump()["chosen_on"] == "nothing"
    assert len(estimated.curves["tried"]) == 5  # type: ignore[index]


def test_given_trials_take_the_place_of_drawn_ones(root: Path, tmp_path: Path) -> None:
    given = [{"min_dist": 0.5, "components": 3.0}]
    settings = {"method": METHODS["ncd_spectral_clustering"], **SEARCH, "given_trials": given}
    list(search.run(job(root, search.Settings.model_validate(settings), CONDITION, artefact=tmp_path / "c")))
    assert read_choice(tmp_path / "c", "digits").trials == given


def test_a_discovery_repeats_bit_by_bit(root: Path, tmp_path: Path) -> None:
    searched(root, "pbn", tmp_path / "search.json")
    inputs = {"search": tmp_path / "search.json"}
    first, second = (discovered(root, "pbn", TUNED[:1], inputs=inputs) for _ in range(2))
    assert first[0].metrics == second[0].metrics
    assert first[0].curves == second[0].curves


@pytest.mark.parametrize("method", ["pbn", "tabular_ncd"])
def test_a_search_is_blind_to_labels_of_novel_classes(tmp_path: Path, method: str) -> None:
    """Novel labels mixed among themselves, and labels of test rows, change no choice."""
    images, labels = digits()
    novel = np.isin(labels, [0, 3, 4, 5, 6])
    mixed = labels.copy()
    mixed[novel] = np.random.default_rng(1).permutation(labels[novel])
    texts = []
    for name, classes in (("as_is", labels), ("mixed", mixed)):
        folder = make_root(tmp_path / name, images, classes)
        searched(folder, method, folder / "choices.json")
        texts.append((folder / "choices.json").read_text())
    assert texts[0] == texts[1]


def test_latents_are_looked_at_during_training(root: Path) -> None:
    trial = {"learning_rate": 0.01, "dropout": 0.0, "latent_size": 4, "classification_weight": 0.5}
    settings = {"method": METHODS["pbn"], "hyperparameters": trial, "at_steps": [0, 2], "shown": 20}
    (found,) = latent_maps.run(job(root, latent_maps.Settings.model_validate(settings), CONDITION))
    assert found.curves is not None
    assert {len(values) for values in found.curves.values()} == {20}
    assert found.curves["x_0"] != found.curves["x_2"]
    late = latent_maps.Settings.model_validate({**settings, "at_steps": [0, 99]})
    with pytest.raises(BadInputError, match="The training ends before step 99"):
        next(latent_maps.run(job(root, late, CONDITION)))


def test_mistakes_are_sentences(root: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="'tabels' is no data set of tabular_ncd"):
        discovered(root, "k_means", [{"dataset": "tabels", "classes": "known"}])
    with pytest.raises(BadInputError, match="doesn't read 'search': add it to its 'needs'"):
        discovered(root, "pbn", TUNED[:1])
    with pytest.raises(BadInputError, match="has no hyperparameters for digits, number of classes known"):
        discovered(root, "pbn", [{**CELLS[0], "chosen_on": "released"}])
    with pytest.raises(BadInputError, match=r"classification_weight, .*; given are none"):
        discovered(root, "pbn", CELLS[:1])
    with pytest.raises(BadInputError, match="'k_means' has no hyperparameters to search for"):
        draw_trials("k_means", 1, 4, np.random.default_rng(0))


def test_steps_say_what_their_configuration_lacks(root: Path, tmp_path: Path) -> None:
    settings = search.Settings.model_validate({"method": METHODS["ncd_spectral_clustering"], **SEARCH})
    with pytest.raises(BadInputError, match="has no 'artefact' to keep its choices in"):
        list(search.run(job(root, settings, CONDITION)))
    (tmp_path / "cells.json").write_text("[]")
    nothing = averages.Settings(training="none", oracle=False)
    empty = job(root, nothing, [{"classes": "known"}], inputs={"discovery": tmp_path / "cells.json"})
    with pytest.raises(BadInputError, match="No discovery has its number of classes known"):
        list(averages.run(empty))


def test_trials_lie_in_their_ranges() -> None:
    for kind, names in SEARCHED.items():
        for trial in draw_trials(kind, 50, 16, np.random.default_rng(0)):
            assert set(trial) == set(names)
            assert 1e-4 <= trial.get("learning_rate", 1e-3) <= 1e-2
            assert 4 <= trial.get("latent_size", 4) <= 24


def test_rank_correlation() -> None:
    assert rank_correlation([1, 2, 3], [10, 20, 30]) == pytest.approx(1)
    assert rank_correlation([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    assert rank_correlation([1, 1, 1], [3, 2, 1]) == 0
