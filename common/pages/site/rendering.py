"""Rendering templates: the shared environment, and how numbers and hashes are written in HTML."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from common.claims.wording import decimals_for, show, show_exact, show_interval
from common.pages.characters import visible
from common.pages.durations import duration
from common.pages.site.verdict_words import LOOKS
from common.pages.tables.numbers import explanation, fixed, shown_half_width, shown_mean, shown_published

_TEMPLATES = Path(__file__).parent.parent / "templates"


def render(template: str, **values: Any) -> str:
    """The page made from a template; style and script are put inside, so that each page stands alone."""
    return environment().get_template(template).render(**values)


@cache
def environment() -> Environment:
    """Jinja with escaping on, and an error for every name that a page lacks."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        style=(_TEMPLATES / "style.css").read_text(),
        script=(_TEMPLATES / "enhance.js").read_text(),
        looks=LOOKS,
        decimals_for=decimals_for,
        explanation=explanation,
        show=show,
        show_exact=show_exact,
        show_interval=show_interval,
        shown_mean=shown_mean,
        shown_half_width=shown_half_width,
        shown_published=shown_published,
    )
    made.filters.update(
        duration=duration,
        energy=energy,
        fixed=fixed,
        memory=memory,
        moment=moment,
        short=short,
        signed=signed,
        spaced=spaced,
    )
    return made


def shown(value: Any) -> Any:
    """What a page shows of a value: of words, no character that hides or reorders others."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def energy(joules: float | None) -> str:
    """Energy in words: '0.8 kJ', '1,234 kJ', or 'not measured'."""
    if joules is None:
        return "not measured"
    return f"{joules / 1000:,.1f} kJ" if joules < 100_000 else f"{joules / 1000:,.0f} kJ"


def memory(mebibytes: float | None) -> str:
    """Memory in words: '512 MiB', '1.5 GiB', or 'not measured'."""
    if mebibytes is None:
        return "not measured"
    return f"{mebibytes:.0f} MiB" if mebibytes < 1024 else f"{mebibytes / 1024:.1f} GiB"


def signed(text: str | float) -> str:
    """A number with a true minus sign in place of the hyphen."""
    return str(text).replace("-", "\N{MINUS SIGN}")


def short(digest: str) -> str:
    """The first twelve digits of a hash."""
    return digest.removeprefix("sha256:")[:12]


def spaced(name: str) -> str:
    """A snake_case id as words."""
    return name.replace("_", " ")


def moment(text: str | None) -> str:
    """An ISO 8601 moment to the minute: '2025-11-22 11:50'."""
    return "" if text is None else text[:16].replace("T", " ")
