"""How fast claims are read, and what share that is of the cost of getting an article out of its page.

`python -m bench.claims [--json] [--pages DIR]` reads every page under DIR (`*.html`, `*.html.gz`), takes its text out
with bare trafilatura, the yardstick, and reads the claims of that text, both on the CPU's clock in one process. After
that it reads 1 MB of each of six hostile texts (`python -m bench.hostile` has more of them, and their memory).
Without DIR it measures a text of its own. The last line of standard output is one JSON object.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import trafilatura
from rich.console import Console
from rich.progress import track

from bench.hostile import seconds_by_kind
from extract.claims import read_claims
from extract.languages import available, guess, lexicon
from extract.tokens import lines, sentences

ROUNDS = 3  # claims are read this often and the fastest round counts: one round is at the mercy of the machine
WARM_UP = "Ten people were killed in Mossby, police said on Monday."
OWN_TEXT = """Toll in Arle valley flood rises to 31
The death toll from the flood in the Arle valley rose to 31 on Tuesday, up from 24, the provincial disaster office said.
Seventeen people are still missing and some 4,200 villagers have fled to higher ground, it added. Four of the dead were
children, according to the Arle Valley Monitor, a group that counts from hospital records.
"I heard the water before I saw it," said Marta Oller, 54, who keeps a shop beside the old bridge. She lost her stock
and 12 goats. The bridge, built in 1931, was closed to lorries two years ago after an inspection found cracks in a pier.
The regional council will meet on Thursday to discuss a relief fund of 3.5 million crowns. Its budget for repairs was
cut by 20 per cent last year, and 14 of the valley's 40 weirs have not been inspected since.
Forecasters expect 60 mm of rain by Friday evening. Trains between Mossby and Hask run every two hours.
In 1998 a flood in the same valley killed 9 people. A commission made 22 recommendations, of which six were carried out.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """CPU seconds of one article: to get its text out of the page, and to read its claims."""

    extraction: float
    claims: float
    sentences: int
    has_claims: bool


def main() -> None:
    """Measures and prints; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m bench.claims", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON line")
    parser.add_argument("--pages", type=Path, help="a directory of *.html or *.html.gz")
    arguments = parser.parse_args()
    pages = list(pages_of(arguments.pages)) if arguments.pages else [own_page()] * 100
    read_claims(WARM_UP, published=None)
    figures = _figures([cost for page in _progress(pages) if (cost := _measure(page)) is not None])
    hostile = seconds_by_kind()
    if not arguments.json:
        for name, value in (figures | {f"1 MB of {kind}, s": seconds for kind, seconds in hostile.items()}).items():
            sys.stdout.write(f"{name:32} {value}\n")
    sys.stdout.write(json.dumps(figures | {"hostile_s": hostile}) + "\n")


def pages_of(directory: Path) -> Iterator[bytes]:
    """Every page under a directory, in order of its path."""
    for path in page_files(directory):
        yield page_in(path)


def page_files(directory: Path) -> list[Path]:
    """The files of the pages under a directory, in order."""
    return sorted(directory.rglob("*.html*"))


def page_in(file: Path) -> bytes:
    """The page that a file holds, unpacked."""
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


def own_page() -> bytes:
    """A small page of our own."""
    title, *paragraphs = OWN_TEXT.splitlines()
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    page = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"
    return page.encode()


def _progress(pages: list[bytes]) -> Iterable[bytes]:
    return track(pages, description="reading", console=Console(stderr=True), disable=not sys.stderr.isatty())


def _measure(page: bytes) -> Cost | None:
    """The cost of one page; None where it has no text in a language with a reader."""
    began = time.process_time()
    document = trafilatura.bare_extraction(page, with_metadata=True, include_comments=False)
    extraction = time.process_time() - began
    text = (getattr(document, "text", None) or "") if document is not None else ""
    language = guess(text)
    if language not in available():
        return None
    spent, claims = min((_read(text, language) for _ in range(ROUNDS)), key=lambda round_: round_[0])
    words = lexicon(language)
    count = sum(
        1 for start, end in lines(text) for _ in sentences(text, start, end, words.abbreviations, words.openers)
    )
    return Cost(extraction=extraction, claims=spent, sentences=count, has_claims=claims > 0)


def _read(text: str, language: str) -> tuple[float, int]:
    began = time.process_time()
    claims = read_claims(text, published=None, language=language)
    return time.process_time() - began, len(claims)


def _figures(costs: list[Cost]) -> dict[str, float]:
    stating = [cost for cost in costs if cost.has_claims]
    spent = sum(cost.claims for cost in costs)
    return {
        "articles_per_s": round(len(costs) / spent, 1) if spent else 0.0,
        "sentences_per_s": round(sum(cost.sentences for cost in costs) / spent, 1) if spent else 0.0,
        "share_of_trafilatura": _share(costs),
        "share_on_articles_with_claims": _share(stating),
    }


def _share(costs: list[Cost]) -> float:
    extraction = sum(cost.extraction for cost in costs)
    return round(sum(cost.claims for cost in costs) / extraction, 4) if extraction else 0.0


if __name__ == "__main__":
    main()
