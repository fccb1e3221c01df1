"""Step source_network, from the command's inside to its record and artefact."""

from __future__ import annotations

import pytest
import torch

from common.data.arrays import load
from common.strict import BadInputError
from experiments.test_time_adaptation.source_model import SourceModel
from tests.experiments.test_time_adaptation.project import TRAINING, Project, changed, configuration

ARTEFACT = "results/smoke/toy_paper/artefacts/source_network/training/seed0/network.pt"


def test_the_record_says_what_was_trained_and_judged(project: Project) -> None:
    (record,) = project.run("source_network", "training")
    assert record.condition == {}
    assert record.protocol_type == "SourceFacts"
    assert record.protocol == {
        "dataset": "cifar10",
        "split": "test",
        "images": 30,
        "resolution": 32,
        "network": "resnet8_half",
        "weights": "trained_here",
        "training_precision": "float32",
        "deterministic": False,
    }
    assert set(record.data) == {"cifar10"}
    assert 0 <= record.metrics["error_percent"] <= 100
    assert project.files() == {
        "smoke/toy_paper/artefacts/source_network/training/seed0/network.pt",
        "smoke/toy_paper/receipts/source_network/training/seed0.json",
        "smoke/toy_paper/records/source_network/training/seed0/all.json",
        "smoke/toy_paper/records/source_network/training/seed0/all.curves.json",
    }


def test_the_artefact_is_the_network_whose_error_was_recorded(project: Project) -> None:
    (record,) = project.run("source_network", "training")
    model = SourceModel.load(project.root / ARTEFACT, torch.device("cpu"))
    arrays = load("cifar10", project.root)
    train = torch.tensor(arrays["train_images"]).double()
    torch.testing.assert_close(model.standardise.mean.double(), train.mean((0, 1, 2)))
    images, labels = (torch.tensor(arrays[f"test_{name}"]) for name in ("images", "labels"))
    with torch.no_grad():
        wrong = model.network(model.standardise(images)).argmax(1) != labels
    assert record.metrics["error_percent"] == pytest.approx(100 * float(wrong.double().mean()))
    assert not model.network.training


def test_the_same_network_leaves_the_same_file_whatever_its_name(project: Project) -> None:
    project.run("source_network", "training")
    artefact = project.root / ARTEFACT
    SourceModel.load(artefact, torch.device("cpu")).save(project.root / "another.pt")
    assert (project.root / "another.pt").read_bytes() == artefact.read_bytes()


def test_a_run_repeats_bit_by_bit_and_seeds_differ(project: Project) -> None:
    def run(seed: int) -> tuple[str, bytes]:
        (record,) = project.run("source_network", "training", seed)
        artefact = ARTEFACT.replace("seed0", f"seed{seed}")
        weights = SourceModel.load(project.root / artefact, torch.device("cpu")).network.state_dict()
        return record.identity(), b"".join(value.numpy().tobytes() for value in weights.values())

    first, again, other = run(0), run(0), run(1)
    assert first == again
    assert first[0] != other[0]
    assert first[1] != other[1]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"network": "resnet8_hlaf"}, "no network 'resnet8_hlaf'. Did you mean 'resnet8_half'"),
        ({"classes": 7}, "labels of cifar10 go up to 9, but 'classes' is 7"),
        ({"classes": 1}, "'classes' is 1"),
        ({"train_images": 0}, "'train_images' is 0"),
        ({"train_images": 19}, "19 images don't fill one batch of 20; lower 'batch_size'"),
        ({"training": {**TRAINING, "crop": 33}}, "Crops of 33 pixels don't fit into padded images of 32"),
        ({"training": {**TRAINING, "epoch": 1}}, "unknown key 'training.epoch'. Did you mean 'epochs'"),
        ({"dataset": "cifar10_corrupted"}, "cifar10_corrupted has no 'train_images'; it has fog_5, labels"),
        ({"dataset": "cifar100"}, "cifar100.json does not exist"),
        ({"datasett": "cifar10"}, "unknown key 'datasett'. Did you mean 'dataset'"),
    ],
)
def test_bad_settings_get_a_sentence_and_leave_nothing(
    project: Project, settings: dict[str, object], sentence: str
) -> None:
    broken = Project(project.root, configuration(changed("source_network", settings=settings)))
    with pytest.raises(BadInputError, match=sentence):
        broken.run("source_network", "training")
    assert broken.files() == set()


def test_a_step_without_an_artefact_is_refused_before_it_trains(project: Project) -> None:
    steps = {"source_network": changed("source_network", artefact=None)["source_network"]}
    with pytest.raises(BadInputError, match=r"has no 'artefact' to keep its network in"):
        Project(project.root, configuration(steps)).run("source_network", "training")
    assert project.files() == set()
