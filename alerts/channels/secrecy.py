"""What an attempt's detail may say: short, on one line, and never a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from alerts.wording import clean
from config.values import Secret

_DETAIL_LENGTH = 300
_SHORTEST = 4  # shorter pieces of an address are words such as "api"; hiding them would hide the message
_SIGNING_PREFIX = "whsec_"


def detail(text: str, secrets: Iterable[Secret] = ()) -> str:
    """Return `text` fit to be kept and shown, each secret in it and each telling piece of one replaced by `…`."""
    pieces = {piece for secret in secrets for piece in _pieces(secret.reveal()) if piece}
    for piece in sorted(pieces, key=len, reverse=True):
        text = text.replace(piece, "…")
    return clean(text, _DETAIL_LENGTH)


def _pieces(secret: str) -> Iterable[str]:
    """Yield the secret and, where it is an address, its user and what follows its host, as written and unquoted."""
    yield from (secret, secret.removeprefix(_SIGNING_PREFIX))
    host, slash, rest = secret.partition("://")[2].partition("/") if "://" in secret else ("", "", secret)
    for part in (host.rpartition("@")[0], f"{slash}{rest}", *re.split("[/?&=#]", rest)):
        if len(part) >= _SHORTEST:
            yield from (part, unquote(part))
