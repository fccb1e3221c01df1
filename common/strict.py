"""Frozen, strict models for everything read from a file, whose errors are sentences."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError


class BadInputError(Exception):
    """Something the user wrote can't be used. The message says what, where, and what to type next."""


class StrictModel(BaseModel):
    """A frozen model that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


Model = TypeVar("Model", bound=BaseModel)

_ABOUT_AS_CLOSE = 0.1  # of difflib's ratio, which is 1 for equal words
_LISTED = 30  # more names than these would hide the sentence that they end


def read_yaml(path: Path) -> Any:
    """Parse a YAML file; raises BadInputError when it is missing or malformed."""
    try:
        return yaml.load(path.read_text(), Loader=_SafeLoader)
    except FileNotFoundError:
        raise BadInputError(f"{path} does not exist.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} is not valid YAML: {error}") from None


def read_json(path: Path, way_out: str) -> Any:
    """Parse a JSON file; raises BadInputError that ends with `way_out` when it is malformed or no text.

    Raises FileNotFoundError where it is missing, which means something else to each caller.
    """
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise BadInputError(f"{path} is not valid JSON ({error}). {way_out}") from None


def validate(model: type[Model], data: Any, where: str) -> Model:
    """Build `model` from `data`; raises BadInputError with one sentence per mistake."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        sentences = [_sentence(model, item) for item in error.errors()]
        raise BadInputError(f"{where}: " + " ".join(sentences)) from None


def suggest(word: str, known: Iterable[str]) -> str:
    """Return ' Did you mean …?' with up to three names, or ' Known: …', for the end of an error sentence."""
    names = sorted(set(known))
    close = nearest(word, names)
    if close:
        *first, last = [f"'{name}'" for name in close]
        return f" Did you mean {', '.join(first)} or {last}?" if first else f" Did you mean {last}?"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f" Known: {', '.join(names[:_LISTED]) or 'none'}{more}."


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """Up to three of the names, the closest first: it, and those about as close; [] where none is close."""
    close = difflib.get_close_matches(word, sorted(set(known)), n=3)
    likeness = [difflib.SequenceMatcher(None, name, word).ratio() for name in close]
    return [
        name for name, ratio in zip(close, likeness, strict=True) if ratio > likeness[0] - _ABOUT_AS_CLOSE
    ]


def _sentence(model: type[BaseModel], item: Any) -> str:
    place = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        known = _fields_at(model, item["loc"][:-1])
        return f"unknown key '{place}'." + (suggest(str(item["loc"][-1]), known) if known else "")
    if item["type"] == "missing":
        return f"the key '{place}' is missing."
    return f"'{place}' is {item['input']!r}: {item['msg']}."


def _fields_at(model: type[BaseModel], path: tuple[Any, ...]) -> list[str]:
    """Names of the fields of every model that `path` may lead to, through lists, dicts and unions."""
    places: list[Any] = [model]
    for part in path:
        inside = [found for place in places for found in _step_into(place, part)]
        # In a union, pydantic names the member that it tried: that part of the path is no step down.
        places = inside or places
    models = [place for annotation in places for place in _members(annotation)]
    return [name for place in models for name in getattr(place, "model_fields", {})]


def _step_into(annotation: Any, part: Any) -> list[Any]:
    """The annotations that lie at the key, index or union member `part` of `annotation`."""
    members = _members(annotation)
    if len(members) > 1 and any(getattr(member, "__name__", None) == part for member in members):
        return [member for member in members if getattr(member, "__name__", None) == part]
    found = []
    for member in members:
        fields = getattr(member, "model_fields", {})
        if part in fields:
            found.append(fields[part].annotation)
        elif get_origin(member) in (list, tuple, set, frozenset):
            found += [item for item in get_args(member) if item is not Ellipsis]
        elif get_origin(member) is dict:
            found.append(get_args(member)[1])
    return found


def _members(annotation: Any) -> list[Any]:
    """The members of a union, `Annotated` taken off; any other annotation is its own only member."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _members(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [member for inner in get_args(annotation) for member in _members(inner)]
    return [annotation]


# libyaml parses several times faster; the pure Python loader reads the same language.
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
