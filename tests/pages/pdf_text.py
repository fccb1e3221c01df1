"""The words of a PDF that typst wrote, found as a reader's search does: glyphs back to characters.

Enough of ISO 32000-1 for one producer: no object streams, fonts of two-byte codes, literal strings.
"""

from __future__ import annotations

import re
import zlib

_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_INSIDE = rb"(?:\\.|[^\\()])*"
for _ in range(4):  # parentheses inside a string need no escape where they balance
    _INSIDE = rb"(?:\\.|[^\\()]|\(" + _INSIDE + rb"\))*"
_STRING = rb"\((" + _INSIDE + rb")\)"
_TAG = re.compile(rb"<<(?:" + _STRING + rb"|[^()])*?>>BDC", re.DOTALL)
_ARTIFACT = re.compile(rb"/Artifact.*?EMC", re.DOTALL)
_SHOWN = re.compile(rb"/(f\d+) [\d.]+ Tf|" + _STRING, re.DOTALL)


def pdf_text(pdf: bytes) -> str:
    """All text on all pages but headers and footers; KeyError for a glyph without a character."""
    objects = {int(found[1]): found[2] for found in re.finditer(rb"(\d+) 0 obj\s(.*?)endobj", pdf, re.DOTALL)}
    pages = [body for body in objects.values() if re.search(rb"/Type/Page\b", body)]
    return "\n".join(_page_text(page, objects) for page in pages)


def without_space(text: str) -> str:
    """`text` without any space: where lines break is no part of the words."""
    return "".join(text.split())


def _page_text(page: bytes, objects: dict[int, bytes]) -> str:
    fonts = re.findall(rb"/(f\d+) (\d+) 0 R", _resolved(page, rb"/Resources", objects))
    maps = {name: _to_unicode(objects[int(number)], objects) for name, number in fonts}
    text, used = [], b""
    content = _ARTIFACT.sub(b"", _stream(_resolved(page, rb"/Contents", objects)))
    content = _TAG.sub(b"", content)
    for font, string in _SHOWN.findall(content):
        used = font or used
        codes = _unescaped(string)
        text += [maps[used][codes[at : at + 2]] for at in range(0, len(codes), 2)]
    return "".join(text)


def _resolved(page: bytes, key: bytes, objects: dict[int, bytes]) -> bytes:
    """What stands under a key of a page: the object that it names, or the page itself."""
    found = re.search(key + rb" (\d+) 0 R", page)
    return objects[int(found[1])] if found else page


def _to_unicode(font: bytes, objects: dict[int, bytes]) -> dict[bytes, str]:
    found = re.search(rb"/ToUnicode (\d+) 0 R", font)
    assert found, "a font without characters: its text could be neither searched nor copied"
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", _stream(objects[int(found[1])]))
    decoded = {bytes.fromhex(code.decode()): bytes.fromhex(text.decode()) for code, text in pairs}
    return {code: text.decode("utf-16-be") for code, text in decoded.items()}


def _stream(body: bytes) -> bytes:
    content = body.split(b"stream\n", 1)[1].rsplit(b"\nendstream", 1)[0]
    return zlib.decompress(content)


def _unescaped(string: bytes) -> bytes:
    def plain(found: re.Match[bytes]) -> bytes:
        code = found[1]
        return bytes([int(code, 8)]) if code.isdigit() else _ESCAPES.get(code, code)

    return re.sub(rb"\\([0-7]{1,3}|.)", plain, string, flags=re.DOTALL)
