"""What is wrong between values of config.toml: a name used twice, a name that names nothing, keys at odds.

Everything here reads the raw tables as TOML gave them, so that one bad value hides no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from config.tables import Complaint, Place, suggest
from config.values import read_duration

_LISTINGS = ("feeds", "sitemaps", "front_pages")
_KEYS = ("headers_env", "query_env", "headers_file", "query_file")
_UNIQUE = (
    ("outlets", "id"),
    ("outlets", "name"),
    ("watches", "id"),
    ("watches", "name"),
    ("rules", "name"),
    ("channels", "name"),
    ("channels", "file"),
)
_NAMING = (  # the table and key of a list of names, the table and key that they name
    ("watches", "outlets", "outlets", "id"),
    ("rules", "watches", "watches", "id"),
    ("rules", "channels", "channels", "name"),
)
_NEEDED = {
    "outlets": "there would be nothing to read",
    "watches": "nothing would be followed",
    "rules": "nothing would ever be told",
    "channels": "no alert could be delivered",
}


def relations(raw: dict[str, Any]) -> Iterator[Complaint]:
    """Every complaint about values that do not fit each other."""
    for section, consequence in _NEEDED.items():
        if raw.get(section, []) == []:
            what = f"there is no [[{section}]] table, {consequence}"
            yield Complaint(place=(section,), what=what, remedy="add one; docs/configuration.md has examples")
    for section, key in _UNIQUE:
        values = (((section, i, key), entry.get(key)) for i, entry in _entries(raw, section))
        yield from _repeated(raw, values, "give each its own")
    yield from _repeated(raw, _listings(raw), "poll it once only")
    for naming in _NAMING:
        yield from _unknown_names(raw, *naming)
    yield from _unlisted(raw)
    yield from _unencrypted(raw)
    yield from _kept_twice(raw)
    yield from _paces(raw)
    web = raw.get("web")
    if isinstance(web, dict) and "password_env" in web and "password_file" in web:
        yield Complaint(
            place=("web", "password_file"), what="password_env stands beside it", remedy="keep one of the two"
        )
    for i, channel in _entries(raw, "channels"):
        yield from _overrides(i, channel)
        for key, what, remedy in _at_odds(channel):
            yield Complaint(place=("channels", i, key), what=what, remedy=remedy)


def _entries(raw: dict[str, Any], section: str) -> list[tuple[int, dict[str, Any]]]:
    """The well-formed tables of a list of tables, each with its index."""
    tables = raw.get(section)
    return [(i, t) for i, t in enumerate(tables) if isinstance(t, dict)] if isinstance(tables, list) else []


def _texts(entry: dict[str, Any], key: str) -> list[tuple[int, str]]:
    """The well-formed items of a list of texts, each with its index."""
    items = entry.get(key)
    return [(i, item) for i, item in enumerate(items) if isinstance(item, str)] if isinstance(items, list) else []


def _listings(raw: dict[str, Any]) -> Iterator[tuple[Place, object]]:
    for i, entry in _entries(raw, "outlets"):
        for key in _LISTINGS:
            for j, url in _texts(entry, key):
                yield ("outlets", i, key, j), url


def _repeated(raw: dict[str, Any], values: Iterable[tuple[Place, object]], remedy: str) -> Iterator[Complaint]:
    first: dict[str, Place] = {}
    for place, value in values:
        if isinstance(value, str) and first.setdefault(value, place) is not place:
            yield Complaint(place=place, what=f"{key_of(raw, first[value])} says the same", remedy=remedy)


def _unknown_names(raw: dict[str, Any], section: str, key: str, named: str, by: str) -> Iterator[Complaint]:
    known = {name for _, entry in _entries(raw, named) if isinstance(name := entry.get(by), str)}
    for i, entry in _entries(raw, section):
        for j, name in _texts(entry, key):
            if name not in known:
                what = f'"{name}" is the {by} of none of the {named}'
                yield Complaint(place=(section, i, key, j), what=what, remedy=suggest(name, known))


def _unlisted(raw: dict[str, Any]) -> Iterator[Complaint]:
    for i, entry in _entries(raw, "outlets"):
        if not any(entry.get(key) for key in _LISTINGS):
            remedy = "add feeds, sitemaps or front_pages"
            yield Complaint(place=("outlets", i), what="this outlet has no address to poll", remedy=remedy)


def _kept_twice(raw: dict[str, Any]) -> Iterator[Complaint]:
    """Headers and parameters that are named in the environment and in a file."""
    for i, entry in _entries(raw, "outlets"):
        for env, file in (("headers_env", "headers_file"), ("query_env", "query_file")):
            kept, too = (entry[key] if isinstance(entry.get(key), dict) else {} for key in (env, file))
            for name in kept.keys() & too.keys():
                place = ("outlets", i, file, name)
                yield Complaint(place=place, what=f"{env} names it, too", remedy="keep one of the two")


def _paces(raw: dict[str, Any]) -> Iterator[Complaint]:
    for i, entry in _entries(raw, "outlets"):
        usual = entry.get("every", "15m")
        every, slowest = read_duration(usual), read_duration(entry.get("slowest"))
        if every is not None and slowest is not None and slowest < every:
            what, remedy = "the slowest pace is faster than every", f"use {usual} or more"
            yield Complaint(place=("outlets", i, "slowest"), what=what, remedy=remedy)


def _unencrypted(raw: dict[str, Any]) -> Iterator[Complaint]:
    """Keys that would travel in the clear; an address in numbers is in a network of one's own."""
    for place, url in _listings(raw):
        entry = raw["outlets"][place[1]]
        named = isinstance(url, str) and re.match(r"http://(?![\d.\[])", url)
        if named and any(entry.get(key) for key in _KEYS):
            yield Complaint(place=place, what="the outlet's key would travel unencrypted", remedy="write https://")


def _at_odds(channel: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What a channel's keys lack or contradict among themselves: (key, what, remedy)."""
    match channel.get("kind"):
        case "email":
            yield from _email_at_odds(channel)
        case "slack":
            yield from _slack_at_odds(channel)
        case "apprise":
            yield from _one_of(channel, "url_env", "url_file")
        case "webhook" if not (channel.get("secret_envs") or channel.get("secret_files")):
            remedy = 'name an environment variable with a whsec_ secret, such as ["TOLLWATCH_WEBHOOK_SECRET"]'
            yield "secret_envs", "nothing would sign the messages", remedy


def _overrides(i: int, channel: dict[str, Any]) -> Iterator[Complaint]:
    if not channel.get("quiet"):
        for key in (key for key in channel if key.startswith("override_")):
            remedy = 'add quiet hours, such as quiet = ["22:00-07:00"], or take it out'
            yield Complaint(place=("channels", i, key), what="there are no quiet hours to override", remedy=remedy)


def _email_at_odds(channel: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    password = "password_env" in channel or "password_file" in channel
    if password and "username" not in channel:
        yield "username", "there is a password without a user name", "add the user name"
    if "username" in channel or password:
        yield from _one_of(channel, "password_env", "password_file")
    if password and channel.get("security") == "none":
        yield "security", "the password would travel unencrypted", 'use "starttls" or "tls"'


def _slack_at_odds(channel: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    token = [key for key in ("token_env", "token_file") if key in channel]
    url = [key for key in ("url_env", "url_file") if key in channel]
    if token and url:
        yield url[0], f"{token[0]} stands beside it", "keep the incoming webhook or the bot"
    elif token:
        yield from _one_of(channel, "token_env", "token_file")
    else:
        yield from _one_of(channel, "url_env", "url_file")
    if token and "channel" not in channel:
        yield "channel", "this key is missing", 'add the channel that the bot posts into, such as "#desk"'
    if "channel" in channel and not token:
        yield "channel", "an incoming webhook has a channel of its own", "take it out, or name a bot's token_env"


def _one_of(channel: dict[str, Any], env: str, file: str) -> Iterator[tuple[str, str, str]]:
    if env not in channel and file not in channel:
        yield env, "this key is missing", "write the name of the environment variable that holds the secret"
    if env in channel and file in channel:
        yield file, f"{env} stands beside it", "keep one of the two"


def key_of(raw: dict[str, Any], place: Place) -> str:
    """A place as a person finds it: `outlets[12] "bbc" feeds[0]`, `crawl.timeout`, `archive`."""
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")
    if len(place) < 2 or not isinstance(place[1], int):
        return path
    entry = raw[str(place[0])][place[1]]
    name = (entry.get("id") or entry.get("name")) if isinstance(entry, dict) else None
    head = f"{place[0]}[{place[1]}]"
    return head + (f' "{name}"' if name else "") + path.removeprefix(head).replace(".", " ", 1)


def position(raw: object, place: Place) -> tuple[int, ...]:
    """Where a place stands in the file, for sorting; what is not there comes last in its table."""
    if not place:
        return ()
    step, inside = place[0], None
    if isinstance(raw, dict):
        at, inside = list(raw).index(step) if step in raw else len(raw), raw.get(step)
    else:
        at = step if isinstance(step, int) else 0
        inside = raw[at] if isinstance(raw, list) and at < len(raw) else None
    return (at, *position(inside, place[1:]))
