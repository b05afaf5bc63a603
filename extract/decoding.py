"""The bytes of a page as UTF-8, whatever they were sent as."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

DECLARATION = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE)
DECLARATION_WITHIN = 4_096  # bytes; HTML asks for the first 1,024
FEW_ERRORS = 0.001  # share of undecodable characters that a cut page or a pasted quotation mark explains

# What browsers read under a name: the larger set that its writers use (WHATWG Encoding Standard).
LARGER_SETS = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "cp950",
}  # fmt: skip
# Python decodes more than pages are written in, and some of it (punycode) in quadratic time.
WRITTEN_IN = re.compile(
    r"(?:utf-?(?:8|16|32)|iso|cp\d|windows|koi8|big5|gb|euc|shift|mac|ascii|johab|tis|hz|ptcp)", re.I
)


def as_utf8(body: bytes, header: str | None) -> bytes:
    """The page as UTF-8; `header` is the encoding of the HTTP header.

    What is valid UTF-8 is taken as such, whatever is declared; else the header's word holds, then the page's own.
    Pure ASCII is no proof (ISO-2022-JP looks like it), so there a declaration comes first.
    """
    if not body.isascii() and _is_utf8(body):
        return body
    names = list(_declared(body, header))
    for name in names:
        try:
            return body.decode(name).encode("utf-8", "replace")
        except ValueError:
            continue
    return body if body.isascii() else _loosely(body, names)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _declared(body: bytes, header: str | None) -> Iterator[str]:
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield "utf-16"
    match = DECLARATION.search(body[:DECLARATION_WITHIN])
    for name in (header, match[1].decode("ascii", "replace") if match else None):
        codec = _codec(name or "")
        if codec:
            yield LARGER_SETS.get(codec, codec)


def _codec(name: str) -> str | None:
    try:
        codec = codecs.lookup(name.strip().lower().removeprefix("x-")).name
    except (LookupError, ValueError):
        return None
    return codec if WRITTEN_IN.match(codec) else None


def _loosely(body: bytes, names: list[str]) -> bytes:
    """With signs of replacement where only a few bytes do not fit; else in Western letters, which nearly always fit."""
    for name in (*names, "utf-8"):
        text = body.decode(name, errors="replace")
        if text.count("\ufffd") <= FEW_ERRORS * len(text):
            return text.encode("utf-8", "replace")
    return body.decode("cp1252", errors="replace").encode("utf-8")
