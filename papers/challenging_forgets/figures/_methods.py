"""The unlearning methods as figures show them, and the ticks of an axis of average gaps."""

from __future__ import annotations

METHODS = {
    "ft": "FT",
    "l1_sparse": "l1-sparse",
    "eu_k": "EU-k",
    "cf_k": "CF-k",
    "scrub": "SCRUB",
    "rl": "RL",
    "be": "BE",
    "be_kept": "BE as released",
    "bs": "BS",
    "salun": "SalUn",
}
RELABELLING = {"rl", "be", "be_kept", "bs", "salun"}

# Points, on an axis that is linear up to 1 and logarithmic beyond.
TICKS = [0, 0.5, 1, 2, 5, 10, 20, 50]
