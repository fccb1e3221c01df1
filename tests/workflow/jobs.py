"""What Snakemake says of the jobs of the toy papers."""

from __future__ import annotations

from collections.abc import Iterable


def steps_collected(paper: str, runs: Iterable[str]) -> set[str]:
    """The jobs that join the records of each step that these runs are of."""
    steps = {run.removeprefix(f"{paper}_").partition("_")[0] for run in runs}
    return {f"{paper}: collect the records of {step}" for step in steps}


COIN_TOSSES = {
    f"coin_toss_tosses_{method}, seed {seed}" for method in ("fair", "leaded") for seed in range(3)
}
COIN_COLLECTED = {*steps_collected("coin_toss", COIN_TOSSES), "coin_toss: collect the records"}
COIN_TABLE = "coin_toss: table heads"
COIN_VERDICTS = "coin_toss: verdicts"
COIN_REPORT = "coin_toss: report"
COIN_PAGE = "coin_toss: page"
COIN_RESULTS = {*COIN_COLLECTED, COIN_TABLE, COIN_VERDICTS}
COIN = {*COIN_TOSSES, *COIN_RESULTS, COIN_REPORT, COIN_PAGE}

DATA = "Data set toy_faces: dvc repro faces"
ROLLS = {f"dice_rolls_rolling, seed {seed}" for seed in range(2)}
MEANS = {f"dice_estimates_mean, seed {seed}" for seed in range(2)}
MIDRANGES = {f"dice_estimates_midrange, seed {seed}" for seed in range(2)}
DICE_RUNS = ROLLS | MEANS | MIDRANGES
ROLLS_COLLECTED = steps_collected("dice", ROLLS)
ESTIMATES_COLLECTED = steps_collected("dice", MEANS)
DICE_COLLECTED = {*ESTIMATES_COLLECTED, "dice: collect the records"}
ERRORS = "dice: table errors"
GUESSES = "dice: table guesses"
DICE_FIGURE = "dice: figure guesses"
DICE_VERDICTS = "dice: verdicts"
DICE_REPORT = "dice: report"
DICE_PAGE = "dice: page"
DICE_RESULTS = {*DICE_COLLECTED, ERRORS, GUESSES, DICE_FIGURE, DICE_VERDICTS}

FRONT = "Front page: site/smoke/index.html"

COIN_AFTER_RUNS = {*COIN_RESULTS, COIN_REPORT, COIN_PAGE, FRONT}
DICE_AFTER_RUNS = {*DICE_RESULTS, DICE_REPORT, DICE_PAGE, FRONT}
