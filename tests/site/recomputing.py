"""Recomputing a shown cell from the record copies and published.yaml, with numpy and scipy alone.

Nothing here imports the code that makes the pages. A mistake is a sentence; where all is right there is none.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator

import numpy as np
from scipy.stats import t as student

from tests.site.page_tree import Element
from tests.site.shown_cells import Json, Shown, Site

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
BySeed = dict[int, list[Json]]


def mistakes_of(site: Site, shown: Shown) -> list[str]:
    """Whatever a cell and its panel show that the linked records or published.yaml don't say."""
    linked = {
        int(line.one("th").text()): [site.read_record(link.attributes["href"]) for link in line.all("a")]
        for line in shown.seed_lines()
    }
    found = [
        *_selection_mistakes(site, shown, linked),
        *_seed_mistakes(shown, linked),
        *_number_mistakes(shown, linked),
        *_published_mistakes(site, shown),
    ]
    return [f"{shown.name}: {mistake}" for mistake in found]


def _selection_mistakes(site: Site, shown: Shown, linked: BySeed) -> Iterator[str]:
    """The linked records must be exactly those of the section that the table's definition asks for."""
    wanted = sorted(_essence(record) for record in site.sections[shown.section] if shown.selects(record))
    found = sorted(_essence(record) for records in linked.values() for record in records)
    if wanted != found:
        yield f"{len(found)} records are linked, not the {len(wanted)} that are asked for"
    for seed, records in linked.items():
        if any(record["seed"] != seed for record in records):
            yield f"a record of another seed stands at seed {seed}"


def _essence(record: Json) -> str:
    names = ("scale", "paper", "step", "method", "condition", "seed", "metrics")
    return json.dumps([{name: record[name] for name in names}, record["cost"]["seconds"]], sort_keys=True)


def _seed_mistakes(shown: Shown, linked: BySeed) -> Iterator[str]:
    """The value of each seed, and of each of its records where there are several."""
    for line, (seed, records) in zip(shown.seed_lines(), linked.items(), strict=True):
        values = [shown.value(record) for record in records]
        yield from _rounded_mistakes(f"seed {seed}", line.children[1], float(np.mean(values)))
        for item, value in zip(line.all("li"), values, strict=len(values) > 1):
            yield from _rounded_mistakes(f"a record of seed {seed}", item, value)


def _rounded_mistakes(what: str, element: Element, value: float) -> Iterator[str]:
    """The first number outside links must be `value` to six significant digits."""
    numbers = _numbers(element.text(without=("a",)))
    if numbers and not _is_rounded(numbers[0], value):
        yield f"{what} shows {numbers[0]}, its records say {value}"


def _number_mistakes(shown: Shown, linked: BySeed) -> Iterator[str]:
    """Mean and half width in the table and in the panel; n and the interval in the panel."""
    covered = {str(sorted(str(record["condition"]) for record in records)) for records in linked.values()}
    if len(covered) != 1:
        words = "incomplete" if covered else "not run"
        if shown.cell.one("a").text() != words or words not in _headline(shown, 0).text():
            yield f"should say '{words}'"
        return
    values = [float(np.mean([shown.value(record) for record in records])) for records in linked.values()]
    mean, half = float(np.mean(values)), _half_width(values)
    of_table = shown.cell.one("a").text(without=("unseen",))
    yield from _fixed_mistakes("the table", of_table, [mean, half], shown.decimals)
    head = _headline(shown, 0).text().removesuffix(shown.column.get("unit") or shown.table["unit"])
    yield from _fixed_mistakes("the head of the panel", head, [mean, half], shown.decimals)
    in_chain = shown.link("Cell")
    yield from _fixed_mistakes(
        "the panel", in_chain.one("span", "figure-number").text(), [mean], shown.decimals
    )
    yield from _interval_mistakes(in_chain.text(), len(values), mean, half)


def _fixed_mistakes(where: str, text: str, values: list[float | None], decimals: int) -> Iterator[str]:
    """The numbers of `text` must be `values` to exactly so many decimals; None stands for no number."""
    numbers, expected = _numbers(text), [value for value in values if value is not None]
    border = 0.5 * 10.0**-decimals * (1 + 1e-9) + 1e-12
    if len(numbers) != len(expected) or any(
        len(number.partition(".")[2]) != decimals or abs(float(number) - value) > border
        for number, value in zip(numbers, expected, strict=True)
    ):
        yield f"{where} shows '{text}', its records say {expected}"


def _interval_mistakes(text: str, n: int, mean: float, half: float | None) -> Iterator[str]:
    if re.findall(r"n = (\d+)", text) != [str(n)]:
        yield f"the panel says '{text}', but n is {n}"
    ends = re.findall(r"95 % interval (\S+) to ([^\s;,]+)", _plain(text))
    if len(ends) != (half is not None):
        yield f"the panel says '{text}', but half the width of the interval is {half}"
    for low, high in ends:
        if not (_is_rounded(low, mean - (half or 0)) and _is_rounded(high, mean + (half or 0))):
            yield f"the interval is shown as {low} to {high}, its records say {mean} ± {half}"


def _published_mistakes(site: Site, shown: Shown) -> Iterator[str]:
    """The table, the head and the chain of the panel must say what published.yaml says."""
    expected = _published(site, shown)
    printed = shown.cell.all("span", "printed")
    in_chain = shown.link("Published").all("span", "figure-number")
    heads = [_headline(shown, 1).one("span", "figure-number")] if expected else []
    for element in [*printed, *in_chain, *heads]:
        text = element.text(without=("unseen", "sup"))
        if [float(number) for number in _numbers(text)] != expected:
            yield f"shows '{text}' as published, published.yaml says {expected}"
    if not len(printed) == len(in_chain) == bool(expected):
        yield f"shows {len(printed)} and {len(in_chain)} published numbers of {expected}"


def _published(site: Site, shown: Shown) -> list[float]:
    """The value, and what stands after ±, in the row and column that the definitions lead to."""
    source = site.published.get(shown.table.get("published", ""), {"rows": [], "columns": {}})
    row_id = shown.row.get("published") or shown.row["id"]
    column = shown.column.get("published") or shown.column["id"]
    rows = [row for row in source["rows"] if row["id"] == row_id]
    if not rows or column not in source["columns"]:
        return []
    place = list(source["columns"]).index(column)
    value, spread = rows[0]["values"][place], (rows[0].get("plus_minus") or {place: None})[place]
    return [] if value is None else [float(number) for number in (value, spread) if number is not None]


def _headline(shown: Shown, place: int) -> Element:
    return shown.panel.one("dl", "headline").children[place].one("dd")


def _half_width(values: list[float]) -> float | None:
    """Half of Student's 95 % interval; None where the values differ in their last bits at most."""
    if len(values) < 2 or np.ptp(values) <= 1e-12 * np.abs(values).max():
        return None
    quantile = student.ppf(0.975, len(values) - 1)
    return float(quantile * np.std(values, ddof=1) / math.sqrt(len(values)))


def _is_rounded(text: str, value: float) -> bool:
    """Whether `text` is `value` to six significant digits."""
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 5) if value else 0.0
    return abs(float(_plain(text)) - value) <= 0.5 * unit * (1 + 1e-6) + 1e-12


def _numbers(text: str) -> list[str]:
    return NUMBER.findall(_plain(text))


def _plain(text: str) -> str:
    return text.replace("\N{MINUS SIGN}", "-")
