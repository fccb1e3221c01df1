"""The failure of one source, after which the next is tried."""

from __future__ import annotations

from common.strict import BadInputError


class SourceFailedError(BadInputError):
    """This source can't serve the data set; the message says why in one line."""
