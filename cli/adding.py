"""`tollwatch add`: from an address that somebody types to the outlet's table in the configuration."""

from __future__ import annotations

import os
import shutil
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn

import crawler.loop
from config import CrawlSettings, load
from config.tables import CrawlTable
from crawler.engine import Crawler
from crawler.finding import Finding, addresses_for, find
from crawler.judging import Judged
from crawler.leads import MOST_LEADS
from model import ConfigError, InputError, ListingKind, Outlet, PageOutcome

_LISTINGS = ("feeds", "sitemaps", "front_pages")
_USUAL_FILE = Path("config.toml")  # who names another means one that is there
_CONTACT = "TOLLWATCH_CONTACT"
_REMEDIES = {
    PageOutcome.REFUSED_ADDRESS: "where the host is your own, name its network in crawl.allow_networks",
    PageOutcome.UNREACHABLE: "see whether the address is right and opens in a browser",
    PageOutcome.TIMED_OUT: "try again later",
    PageOutcome.RATE_LIMITED: "try again later",
    PageOutcome.BLOCKED: "the outlet turns programs away: ask it for a feed, or give the address of one that you know",
    PageOutcome.REFUSED_BY_ROBOTS: "its robots.txt turns programs away: ask the outlet, or give a feed's address",
}
_REMEDY = "give the address of a feed that you know, or write front_pages with a link_pattern by hand"


# ------------------------------------------------------------------------------------------------------ searching


def settings_for(file: Path, contact: str | None, environ: Mapping[str, str]) -> CrawlSettings:
    """The crawler's manners: those of `file`, or the defaults where there is no config.toml.

    `contact` stands above the file's. Raises ConfigError for a file with mistakes, InputError for a contact that is
    none or missing.
    """
    if contact is not None:
        environ = {**environ, _CONTACT: _checked(contact)}
    if file == _USUAL_FILE and not file.exists():
        if not environ.get(_CONTACT):
            what = "is not there, and nothing else says how the outlet can reach you"
            raise InputError(where=str(file), what=what, remedy="give --contact with your e-mail or web address")
        return CrawlSettings(contact=_checked(environ[_CONTACT]))
    try:
        return load(file, environ).crawl
    except ConfigError as error:
        if any(problem.key != "outlets" for problem in error.problems):
            raise
    # A file that lacks nothing but its first outlet is what this command is for.
    crawl = tomllib.loads(file.read_text(encoding="utf-8-sig")).get("crawl", {})
    overruled = {"contact": environ[_CONTACT]} if environ.get(_CONTACT) else {}
    return CrawlSettings(**dict(CrawlTable.model_validate({**crawl, **overruled})))


def _checked(contact: str) -> str:
    try:
        return CrawlTable(contact=contact).contact
    except ValidationError as error:
        what = "is neither an e-mail address nor a web address"
        raise InputError(where=f"the contact {contact!r}", what=what, remedy="give your own") from error


def search(typed: str, settings: CrawlSettings) -> Finding:
    """Find the outlet behind an address, with the crawler's manners and guards. Raises InputError for no address."""
    addresses = addresses_for(typed)
    if not addresses:
        raise InputError(where=typed, what="is no web address", remedy="give one such as https://some-paper.example")
    found: list[Finding] = []

    async def main() -> int:
        crawl = Crawler(settings, version="0")
        await crawl.start()
        try:
            with _progress() as bar:
                found.append(await find(addresses, crawl, now=datetime.now(UTC), tell=_teller(bar)))
        finally:
            await crawl.stop(timedelta(seconds=2))
        return 0

    crawler.loop.run(main)
    return found[0]


def _progress() -> Progress:
    """A line that says what is asked, on a terminal only."""
    console = Console(stderr=True)
    columns = SpinnerColumn(), TextColumn("{task.completed:.0f} asked"), TextColumn("{task.description}")
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _teller(bar: Progress) -> Callable[[str], None]:
    task = bar.add_task("", total=None)
    return lambda url: bar.update(task, advance=1, description=escape(_plain(url)))


# ------------------------------------------------------------------------------------------------- what is written


def nothing_found(typed: str, finding: Finding) -> str:
    """One sentence on a search without result: what was tried, and what to do."""
    tried = f"nothing worth polling was found ({finding.requests} requests, robots.txt counted)"
    # The last front page that was asked decides: an earlier one is the same host without a certificate or a `www.`.
    fronts = [one for one in finding.judged if one.candidate.kind is ListingKind.FRONT_PAGE]
    failure = fronts[-1].failure if fronts else None
    if failure is None or failure not in _REMEDIES:
        return _plain(f"{typed}: {tried}; {_REMEDY}")
    return _plain(f"{typed}: {tried}: {fronts[-1].url}: {fronts[-1].why}; {_REMEDIES[failure]}")


def comments(finding: Finding) -> list[str]:
    """A line of comment for each address: what is proposed, then what was left out and why."""
    kept = [f"{_kind(one)} {one.url}: {_yield(one)}" for one in finding.judged if one.why is None]
    rest = [f"left out: {_kind(one)} {one.url}: {_reason(one)}" for one in finding.judged if one.why is not None]
    return [f"# {_plain(line)}" for line in (*kept, *rest)]


def _kind(one: Judged) -> str:
    return one.candidate.kind.replace("_", " ")


def _yield(one: Judged) -> str:
    more = " or more" if one.entries == MOST_LEADS else ""
    said = [f"{one.entries}{more} {'entry' if one.entries == 1 else 'entries'}"]
    if one.candidate.kind is not ListingKind.FRONT_PAGE:
        said.append("undated" if one.newest is None else f"newest {one.newest:%Y-%m-%d %H:%M} UTC")
    said.append(f"{one.articles} {'looks' if one.articles == 1 else 'look'} like articles")
    return ", ".join(said) + (f"; {one.note}" if one.note else "")


def _reason(one: Judged) -> str:
    return f"{one.why}" if one.entries is None else f"{one.why} ({_yield(one)})"


def as_json(finding: Finding) -> dict[str, Any]:
    """The same for machines; `outlet` is null where nothing was found."""
    return {
        "outlet": None if finding.outlet is None else _keys(finding.outlet),
        "addresses": [
            {
                "url": one.url,
                "kind": one.candidate.kind,
                "proposed": one.why is None,
                "entries": one.entries,
                "articles": one.articles,
                "newest": None if one.newest is None else one.newest.isoformat(),
                "why": one.why,
                "note": one.note,
            }
            for one in finding.judged
        ],
    }


def _keys(outlet: Outlet) -> dict[str, str | list[str]]:
    """The keys of an outlet's table that have something to say, in the order of the shipped file."""
    values: dict[str, str | None] = {name: getattr(outlet, name) for name in ("id", "name", "country", "language")}
    values["homepage"] = outlet.homepage
    lists = {name: list(getattr(outlet, name)) for name in _LISTINGS}
    pattern = {"link_pattern": outlet.link_pattern}
    return {name: value for name, value in {**values, **lists, **pattern}.items() if value}


def as_toml(outlet: Outlet) -> str:
    """The outlet's `[[outlets]]` table; no text of a page can end the string that it stands in."""
    lines = [f"{name} = {_toml(name, value)}" for name, value in _keys(outlet).items()]
    return "\n".join(("[[outlets]]", *lines)) + "\n"


def _toml(name: str, value: str | list[str]) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_toml(name, item) for item in value)}]"
    if name == "link_pattern" and value.isprintable() and "'" not in value:
        return f"'{value}'"
    return f'"{"".join(_escaped(letter) for letter in value)}"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"


def _plain(text: str) -> str:
    """A text that stays on its line and sends a terminal no command."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def append(file: Path, outlet: Outlet, environ: Mapping[str, str]) -> None:
    """Add the outlet's table to the end of `file`, all of it or nothing; what stands there stays as it is.

    Raises InputError where the id, the name or an address stands there already or the file cannot be written,
    ConfigError where it would not load with the table.
    """
    try:
        target = file.resolve()  # a link stays one
        old = target.read_bytes()
        _refuse_doubles(file, old, outlet)
        gap = b"\n" if old.endswith(b"\n") else b"\n\n"
        _replace(target, old + gap + as_toml(outlet).encode(), environ)
    except OSError as error:
        what = f"cannot be written ({error.strerror})"
        raise InputError(where=str(file), what=what, remedy="copy the table from standard output into it") from error
    except ConfigError as error:
        with_table = f"{file} with the new table"
        raise ConfigError([replace(problem, file=with_table) for problem in error.problems]) from error


def _replace(target: Path, text: bytes, environ: Mapping[str, str]) -> None:
    """Put `text` in the place of `target` once it is on the disk and loads."""
    with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as written:
        new = Path(written.name)
        try:
            written.write(text)
            written.flush()
            os.fsync(written.fileno())
            load(new, environ)
            shutil.copymode(target, new)
            new.replace(target)
        finally:
            new.unlink(missing_ok=True)


def _refuse_doubles(file: Path, old: bytes, outlet: Outlet) -> None:
    known = tomllib.loads(old.decode("utf-8-sig")).get("outlets", [])
    for table in known:
        for key in ("id", "name"):
            if table.get(key) == getattr(outlet, key):
                what = f'the outlet "{table.get("id")}" has the {key} "{_plain(getattr(outlet, key))}" already'
                raise InputError(
                    where=str(file), what=f"{what} (the new one is {outlet.homepage})",
                    remedy="copy the table from standard output and change it, where it is another outlet",
                )  # fmt: skip
        polled = {url for key in _LISTINGS for url in table.get(key, [])}
        for url in (*outlet.feeds, *outlet.sitemaps, *outlet.front_pages):
            if url in polled:
                what = f'the outlet "{table.get("id")}" polls {url} already, which "{outlet.id}" would poll as well'
                raise InputError(where=str(file), what=what, remedy="poll it once only")
