"""Telling a misspelt method or condition in tables.yaml from one that just hasn't been run."""

from __future__ import annotations

from collections.abc import Sequence

from common.pages.tables.headers import Column, Row
from common.pages.tables.schema import Table
from common.records.collected import Line
from common.records.schema import Scale
from common.strict import BadInputError, suggest


def check_known(table: Table, row: Row, column: Column, scale: Scale, runs: Sequence[Line]) -> None:
    """Raise BadInputError when a cell names a method or a condition that its step never ran.

    A step without any record hasn't been run, which is shown and is no mistake.
    """
    selection = table.selection(row, column)
    of_step = [run.record for run in runs if run.record.step == selection.step]
    if not of_step or scale not in row.scales:
        return
    where = f"tables.yaml: table '{table.id}', row '{row.id}', column '{column.id}'"
    methods = {record.method for record in of_step}
    if selection.method not in methods:
        raise BadInputError(
            f"{where} asks for method '{selection.method}', which step '{selection.step}' has no record of "
            f"at scale {scale}.{suggest(selection.method, methods)} If the scale leaves it out on purpose, "
            f"list the row's scales."
        )
    conditions = {name for record in of_step for name in record.condition}
    for name in selection.where:
        if name not in conditions:
            raise BadInputError(
                f"{where} selects by '{name}', which is no condition of step '{selection.step}'."
                + suggest(name, conditions)
            )
