"""Verdicts: what the records of one paper at one scale say about its claims."""

from __future__ import annotations

from collections.abc import Sequence

from common.claims.effects import judge_effect
from common.claims.schema import Claim, Claims, EffectClaim, Verdict, Verdicts
from common.claims.values import judge_value
from common.records.schema import Record, Scale
from common.strict import BadInputError


def reach_verdicts(paper: str, scale: Scale, records: Sequence[Record], claims: Claims) -> Verdicts:
    """A verdict on each claim, in the order of claims.yaml.

    Raises BadInputError, naming the claim, where records are of another scale, lack a metric, hold NaN,
    or average over different conditions.
    """
    for record in records:
        if record.scale != scale:
            raise BadInputError(
                f"A record of {record.step}/{record.method} was made at {record.scale} scale, but verdicts "
                f"at {scale} scale were asked for; give the records of one scale."
            )
    return Verdicts(
        paper=paper, scale=scale, verdicts=[judge(claim, records, scale) for claim in claims.claims]
    )


def judge(claim: Claim, records: Sequence[Record], scale: Scale) -> Verdict:
    """The verdict on one claim; raises BadInputError naming the claim."""
    try:
        if isinstance(claim, EffectClaim):
            return judge_effect(claim, records, scale)
        return judge_value(claim, records, scale)
    except BadInputError as error:
        raise BadInputError(f"Claim {claim.id}: {error}") from error
