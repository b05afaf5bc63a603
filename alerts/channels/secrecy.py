"""Where a channel's secrets end: in no detail of an attempt, and in nothing that this process logs."""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Iterable
from traceback import format_exception
from urllib.parse import unquote

from alerts.wording import clean
from config.values import Secret

_DETAIL_LENGTH = 300
_SHORTEST = 4  # shorter pieces of an address are words such as "api"; hiding them would hide the message
_LONGEST_WORD = 12  # what is longer and has small letters only may be a token all the same
_SIGNING_PREFIX = "whsec_"
# Of other addresses (`ntfy://topic`, `tgram://token/chat`) the host is the secret too, since Apprise means none by it.
_WITH_HOST = frozenset({"http", "https", "json", "jsons", "xml", "xmls", "form", "forms", "mailto", "mailtos"})
# A server may repeat the line of a login or the header of a request, in which the secret stands encoded.
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")

_kept: set[str] = set()


def detail(text: str, secrets: Iterable[Secret] = ()) -> str:
    """Return `text` fit to be kept and shown, each secret in it and each telling piece of one replaced by `…`."""
    return clean(_without(text, _pieces_of(secrets)), _DETAIL_LENGTH)


def keep_from_logs(secrets: Iterable[Secret]) -> None:
    """From now on no log of this process shows them, whichever library writes it and at whatever level.

    Libraries log addresses, headers and answers at DEBUG; a level can be raised by whoever looks for a fault.
    """
    _kept.update(piece for piece in _pieces_of(secrets) if len(piece) >= _SHORTEST)
    if logging.getLogRecordFactory() is not _record:
        logging.setLogRecordFactory(_record)


def unsaid(text: str) -> str:
    """Return `text` without the secrets that are kept from logs."""
    return _without(text, _kept)


def _record(*arguments: object, **more: object) -> logging.LogRecord:
    """A log record that shows no kept secret, neither in its message nor in the error that it goes with."""
    record = logging.LogRecord(*arguments, **more)  # type: ignore[arg-type]
    said = _said(record)
    if (hushed := unsaid(said)) != said:
        record.msg, record.args = hushed, None
    if record.exc_info and record.exc_info[1] is not None:
        error = "".join(format_exception(record.exc_info[1])).rstrip("\n")
        if (hushed := unsaid(error)) != error:
            record.exc_info, record.exc_text = None, hushed
    return record


def _said(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # a library whose message does not fit its own arguments
        return f"{record.msg} {record.args}"


def _without(text: str, pieces: Iterable[str]) -> str:
    longest_first = sorted(pieces, key=len, reverse=True)
    for piece in longest_first:
        text = text.replace(piece, "…")
    return _ENCODED.sub(lambda found: "…" if _holds(found[0], longest_first) else found[0], text)


def _holds(encoded: str, pieces: Iterable[str]) -> bool:
    """Whether a word is base64 in which a secret stands."""
    word = encoded.rstrip("=").translate(str.maketrans("-_", "+/"))
    decoded = base64.b64decode(word[: len(word) - (len(word) % 4 == 1)] + "==")
    return any(piece.encode(errors="replace") in decoded for piece in pieces if len(piece) >= _SHORTEST)


def _pieces_of(secrets: Iterable[Secret]) -> set[str]:
    return {piece for secret in secrets for piece in _pieces(secret.reveal()) if piece}


def _pieces(secret: str) -> Iterable[str]:
    """Yield the secret and, where it is an address, what in it is telling by itself, as written and unquoted."""
    yield from (secret, secret.removeprefix(_SIGNING_PREFIX))
    scheme, separator, address = secret.partition("://")
    for piece in _pieces_of_address(scheme, address) if separator else _pieces_of_address("", secret):
        if len(piece) >= _SHORTEST:
            yield from (piece, unquote(piece))


def _pieces_of_address(scheme: str, address: str) -> Iterable[str]:
    """Yield the login, the host where it is no server's, the path and its parts, and the values of the query."""
    host = re.split("[/?#]", address, maxsplit=1)[0]
    path, _, query = address[len(host) :].partition("?")
    login, _, server = host.rpartition("@")
    user, _, password = login.partition(":")
    yield from (login, password or user, path, f"{path}?{query}" if query else path)
    if scheme not in _WITH_HOST:
        yield from (server, *(part for part in server.split(":") if not part.isdecimal()))
    of_web = scheme in ("http", "https")  # "services" in a Slack address is a word, a topic of Apprise's may be one
    yield from (part for part in path.split("/") if not (of_web and _is_word(part)))
    yield from (part for part in re.split("[&=#]", query) if not _is_word(part))


def _is_word(part: str) -> bool:
    return len(part) < _LONGEST_WORD and part.isalpha() and part.islower()
