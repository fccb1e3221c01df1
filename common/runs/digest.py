"""The code digest: a hash of all project code that a module can reach.

Imports are followed through the syntax trees, without running anything, and what is hashed is the
tree printed back without comments, formatting and docstrings: editing those changes no digest,
editing any reachable statement does.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib.util import resolve_name
from pathlib import Path

from common.atomic import write_text
from common.strict import BadInputError

PACKAGES = ("common", "experiments", "papers")
# What was found in a source, by the hash of the source: parsing takes most of a second in each process.
_KEPT = Path(".snakemake/digests")


def code_digest(modules: Sequence[str], root: Path) -> str:
    """SHA-256 over every module of the project that `modules` can reach, themselves included.

    Raises BadInputError where one of `modules` does not exist.
    """
    digest = hashlib.sha256()
    for name, statements in module_digests(modules, root).items():
        digest.update(f"{name} {statements}\n".encode())
    return digest.hexdigest()


def module_digests(modules: Sequence[str], root: Path) -> dict[str, str]:
    """Name -> SHA-256 of its statements, for every module that `modules` can reach, by name.

    Raises BadInputError where one of `modules` does not exist.
    """
    for name in modules:
        if _file(name, root) is None:
            raise BadInputError(
                f"There is no module '{name}' in the project; check the 'entry' that names it."
            )
    return {name: _parse(name, root)[0] for name in sorted(reachable(modules, root))}


def reachable(modules: Iterable[str], root: Path) -> set[str]:
    """Dotted names of all project modules that `modules` import, directly or through others."""
    found: set[str] = set()
    waiting = [package for module in modules for package in _with_parents(module)]
    while waiting:
        name = waiting.pop()
        if name not in found and _file(name, root) is not None:
            found.add(name)
            waiting.extend(_parse(name, root)[1])
    return found


@functools.cache
def _parse(name: str, root: Path) -> tuple[str, frozenset[str]]:
    """Hash of the module's statements, and the project modules that it names in imports."""
    file = _file(name, root)
    assert file is not None
    source = file.read_bytes()
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    kept = root / _KEPT / hashlib.sha256(b"\n".join([_own_version(), package.encode(), source])).hexdigest()
    with suppress(OSError, ValueError):
        statements, imported = json.loads(kept.read_text())
        return statements, frozenset(imported)
    statements, imported = _parsed(source, package, file)
    with suppress(OSError):  # where nothing can be written, each process parses
        write_text(kept, json.dumps([statements, sorted(imported)]))
    return statements, imported


@functools.cache
def _own_version() -> bytes:
    """Of what makes a digest out of a source: this module, and Python, whose trees differ by version."""
    return Path(__file__).read_bytes() + sys.version.encode()


def _parsed(source: bytes, package: str, file: Path) -> tuple[str, frozenset[str]]:
    tree = ast.parse(source, filename=str(file))
    imported = frozenset(parent for module in _imports(tree, package) for parent in _with_parents(module))
    _strip_docstrings(tree)
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest(), imported


def _imports(tree: ast.AST, package: str) -> Iterator[str]:
    """Dotted names in the imports of a module of `package`, at its top and inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in PACKAGES)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            if base.split(".")[0] in PACKAGES:
                # The name may be a submodule or an attribute of the base; the former exists as a file.
                yield from (f"{base}.{alias.name}" for alias in node.names)


def _with_parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[: end + 1]) for end in range(len(parts))]


@functools.cache
def _file(name: str, root: Path) -> Path | None:
    base = root.joinpath(*name.split("."))
    for candidate in (base / "__init__.py", base.with_suffix(".py")):  # the order of Python's own search
        if candidate.is_file():
            return candidate
    return None


def _strip_docstrings(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = node.body[0] if node.body else None
        if (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        ):
            node.body = node.body[1:] or [ast.Pass()]
