"""What the report's template reads: words and numbers as they are printed, and nothing to be interpreted."""

from __future__ import annotations

from common.records.schema import Scale
from common.strict import StrictModel


class Badge(StrictModel):
    """A verdict's word, with the symbol that says the same without colour, and its tone."""

    word: str
    symbol: str
    tone: str


class PrintedBar(StrictModel):
    """An interval; positions are percentages of the picture's width."""

    label: str
    number: str
    badge: Badge
    low: float
    mean: float
    high: float
    claimed_from: float
    claimed_to: float
    zero: float | None
    published: float | None


class PrintedTick(StrictModel):
    """A labelled place on the axis."""

    position: float
    label: str
    anchor: str


class PrintedPart(StrictModel):
    """A comparison that has no interval to draw."""

    label: str
    sentence: str
    badge: Badge


class PrintedRecorded(StrictModel):
    """The verdict that committed records of another machine reach, and where they come from."""

    badge: Badge
    sentence: str
    origin: list[str]


class PrintedClaim(StrictModel):
    """A claim and its verdict; `axis` says what the bars show."""

    statement: str
    badge: Badge
    is_control: bool
    sentence: str
    bars: list[PrintedBar]
    ticks: list[PrintedTick]
    axis: str
    without: list[PrintedPart]
    has_parts: bool
    why: str | None
    why_label: str
    facts: list[str]
    recorded: list[PrintedRecorded]


class PrintedCell(StrictModel):
    """A cell: the regenerated number or the word for its absence, and the published number below."""

    absent: str | None
    mean: str
    spread: str
    is_best: bool
    published: str
    published_spread: str
    mark: str


class PrintedRow(StrictModel):
    """A row of cells."""

    label: str
    cells: list[PrintedCell]


class PrintedGroup(StrictModel):
    """Rows under a heading, or under none."""

    heading: str | None
    rows: list[PrintedRow]


class PrintedSection(StrictModel):
    """Rows made from one set of records."""

    heading: str
    groups: list[PrintedGroup]


class PrintedColumns(StrictModel):
    """Neighbouring columns under one header, or under none."""

    heading: str | None
    labels: list[str]


class PrintedTable(StrictModel):
    """A table with all that stands around it; `notes` pairs a mark with its note."""

    title: str
    reproduces: str
    caption: str
    corner: str
    columns: list[PrintedColumns]
    sections: list[PrintedSection]
    explanation: str
    has_published: bool
    notes: list[tuple[str, str]]
    command: str


class PrintedFigure(StrictModel):
    """A figure; `picture` is its SVG, None where it hasn't been drawn."""

    title: str
    reproduces: str
    caption: str
    alternative: str
    command: str
    picture: str | None


class Count(StrictModel):
    """How many claims reached a word."""

    badge: Badge
    count: int


class Pair(StrictModel):
    """Two pieces of text that belong together: a link's words and address, a fact's name and value."""

    name: str
    text: str


class Report(StrictModel):
    """The whole report."""

    paper: str
    track: str
    scale: Scale
    title: str
    authors: list[str]
    venue: str
    links: list[Pair]
    summary: str
    finished: tuple[int, int, int, int, int, int]  # year, month, day, hour, minute, second, in UTC
    commits: list[str]  # shortened
    counts: list[Count]
    claims: list[PrintedClaim]
    tables: list[PrintedTable]
    figures: list[PrintedFigure]
    deviations: list[Pair]
    cost: list[Pair]
    commands: list[Pair]
    provenance: list[Pair]
    records_hash: str
