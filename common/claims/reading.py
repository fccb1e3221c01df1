"""Reading claims.yaml: each mistake becomes a sentence that names the claim and what was meant."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from common.claims.comparison import Comparison, Ranking, is_ranking
from common.claims.schema import Claim, Claims, EffectClaim, ValueClaim, Verdict, Verdicts
from common.records.query import Selection
from common.strict import BadInputError, StrictModel, read_json, read_yaml, suggest, validate

KINDS: dict[str, type[EffectClaim] | type[ValueClaim]] = {"effect": EffectClaim, "value": ValueClaim}


def read_claims(path: Path) -> Claims:
    """The claims of one paper; raises BadInputError, naming the claim, for whatever can't be used."""
    data = read_yaml(path)
    if not isinstance(data, dict) or not isinstance(data.get("claims"), list):
        raise BadInputError(f"{path}: it must hold one key, 'claims', with a list of claims under it.")
    validate(_ClaimsFile, data, str(path))
    claims = [_read_claim(item, path, number) for number, item in enumerate(data["claims"], start=1)]
    _check_ids(claims, path)
    return validate(Claims, {"claims": claims}, str(path))


def read_verdicts(path: Path) -> list[Verdict]:
    """The verdicts of one paper at one scale; raises BadInputError for a file that can't be used."""
    return validate(Verdicts, read_json(path, "Delete it and run the paper again."), str(path)).verdicts


class _ClaimsFile(StrictModel):
    """The outermost keys of claims.yaml; the claims themselves are read one by one."""

    claims: list[Any]


def _read_claim(item: Any, path: Path, number: int) -> Claim:
    """One claim. Its parts are read inside out, so that a mistake in a part is named there."""
    if not isinstance(item, dict):
        raise BadInputError(
            f"{path}, claim {number}: it must be a mapping with keys such as 'kind' and 'id'."
        )
    where = f"{path}, claim {item.get('id', number)}"
    kind = str(item.get("kind"))
    if kind not in KINDS:
        raise BadInputError(f"{where}: its kind is '{kind}'.{suggest(kind, KINDS)}")
    for position, comparison in enumerate(_listed(item.get("every")), start=1):
        _check_comparison(comparison, f"{where}, comparison {position}")
    return validate(KINDS[kind], item, where)


def _check_comparison(comparison: Any, where: str) -> None:
    if isinstance(comparison, dict):
        for side in ("minuend", "subtrahend"):
            selected = comparison.get(side)
            if selected is not None:
                validate(Ranking if is_ranking(selected) else Selection, selected, f"{where}, {side}")
        validate(Comparison, comparison, where)


def _listed(value: Any) -> list[Any]:
    """`value` if it is a list; anything else is refused by the model later, with its own sentence."""
    return value if isinstance(value, list) else []


def _check_ids(claims: list[Claim], path: Path) -> None:
    repeated = [name for name, count in Counter(claim.id for claim in claims).items() if count > 1]
    if repeated:
        raise BadInputError(f"{path}: the id '{repeated[0]}' stands for several claims; give each its own.")
