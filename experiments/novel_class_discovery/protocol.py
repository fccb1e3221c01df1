"""The track's protocol: the facts that make two numbers of novel class discovery comparable."""

from __future__ import annotations

from typing import Literal

from common.strict import StrictModel

Setting = Literal["ncd", "gcd", "incremental_gcd", "no_labels"]
ClassesGiven = Literal["known", "estimated"]


class TaskFacts(StrictModel):
    """What was labelled, what was not, and what is scored.

    Attributes:
        setting: `ncd`: all that is without a label is of novel classes; `gcd`: known classes are among it;
            `incremental_gcd`: gcd over several time steps; `no_labels`: there are no known classes.
        split: which classes are novel, and which rows are for training and for testing, by a name.
        evaluated: the rows that are scored: `unlabelled` ones that were learned from, or `test` rows.
        inference: `transductive`: the scored rows are clustered together; `inductive`: each by itself.
        time_step: of an incremental setting; 0 where there is but one.
        outside_data: what else the features have learned from.
    """

    dataset: str
    setting: Setting
    split: str
    known_classes: int
    novel_classes: int
    labelled_rows: int
    unlabelled_rows: int
    evaluated_rows: int
    evaluated: Literal["unlabelled", "test"]
    inference: Literal["transductive", "inductive"]
    time_step: int = 0
    outside_data: str = "none"


class DiscoveryFacts(TaskFacts):
    """How clusters were found and scored.

    Attributes:
        classes_given: whether the number of novel classes was told or estimated.
        matching: clusters are matched with classes once over all scored rows (`jointly`), or once for known
            and once for novel classes (`separately`), which is never less and mixes with nothing else.
        chosen_on: what hyperparameters were chosen on.
    """

    classes_given: ClassesGiven
    matching: Literal["jointly", "separately"] = "jointly"
    chosen_on: str
    deterministic: bool = False
