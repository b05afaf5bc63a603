"""What an attempt's detail may say: short, on one line, and never a secret."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from alerts.wording import clean
from config import Secret

_DETAIL_LENGTH = 300
_SHORTEST = 4  # shorter pieces of an address are words such as "api"; hiding them would hide the message


def detail(text: str, secrets: Iterable[Secret] = ()) -> str:
    """Return `text` fit to be kept and shown, each secret in it and each telling piece of one replaced by `…`."""
    for piece in sorted({piece for secret in secrets for piece in _pieces(secret.reveal())}, key=len, reverse=True):
        text = text.replace(piece, "…")
    return clean(text, _DETAIL_LENGTH)


def _pieces(secret: str) -> Iterable[str]:
    """Yield the secret and, of an address, what follows the host, whole and in parts, as written and unquoted."""
    yield secret
    if "://" not in secret:
        return
    address = urlsplit(secret)
    parts = [address.path, address.query, address.netloc.rpartition("@")[0], *address.path.split("/")]
    for part in parts:
        if len(part) >= _SHORTEST:
            yield part
            yield unquote(part)
