"""Which of the addresses that an outlet seems to have are worth polling, and why the others are not. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from crawler.feeds import read_date
from crawler.front_pages import domain_of, looks_like_article
from crawler.leads import sane_date
from crawler.masthead import Masthead
from model import Lead, ListingKind, PageOutcome

MOST_FEEDS = 3

_STALE_FEED = timedelta(days=60)  # the quietest outlet that is worth a poll publishes every few weeks
_STALE_SITEMAP = timedelta(days=7)  # a news sitemap holds two days, and a general one without news is of no use
_SAME = 0.8  # of the smaller one's entries: two feeds of one newsroom were read some seconds apart
_LEAST_SHARE = 0.5
_FEWEST_LINKS = 3
_FEWEST_FOR_PATTERN = 5

_COMMENTS = frozenset({"comments", "comentarios", "commentaires", "kommentare", "replies"})
_PODCASTS = frozenset({"podcast", "podcasts"})
_MAIN = frozenset(
    {
        *("all", "latest", "newest", "recent", "top", "breaking", "headlines", "home", "front", "frontpage", "main"),
        *("world", "international", "global", "une", "toutes", "actualites", "alle", "startseite", "aktuell", "todas"),
        *(
            "updates",
            "national",
            "schlagzeilen",
            "ultimas",
            "portada",
            "mundo",
            "monde",
            "internacional",
            "welt",
            "ausland",
        ),
    }
)
_GENERIC = _MAIN | {
    *("rss", "feed", "feeds", "xml", "atom", "rdf", "index", "default", "news", "json", "php", "aspx", "cms", "html"),
    *("arc", "outboundfeeds", "api", "outbound", "outputtype", "format", "type", "subscribe", "story", "stories"),
    *("articles", "posts", "alt", "eng", "english", "feeder"),
}
_ASIDE = frozenset(
    {
        *("sport", "sports", "football", "soccer", "cricket", "deportes", "fussball", "culture", "cultura", "kultur"),
        *("entertainment", "showbiz", "celebrity", "celebrities", "lifestyle", "life", "style", "fashion", "beauty"),
        *("travel", "food", "recipes", "music", "film", "films", "movies", "books", "arts", "tv", "games", "gaming"),
        *("business", "economy", "economie", "economia", "wirtschaft", "money", "markets", "finance", "property"),
        *("tech", "technology", "technologie", "tecnologia", "science", "motoring", "cars", "autos", "health"),
        *("opinion", "opinions", "comment", "editorial", "editorials", "columns", "blog", "blogs"),
        *("video", "videos", "photos", "pictures", "gallery", "galleries", "audio", "weather", "obituaries", "jobs"),
        *("tag", "author", "authors", "search", "newsletter", "newsletters", "product", "products", "events"),
    }
)
_STAMP = re.compile(rb"<(?:\w+:)?lastmod>\s*([^<\s]{8,40})")
_AUDIO = re.compile(rb"""<enclosure\b[^>]{0,1000}\btype\s*=\s*["']audio/""", re.IGNORECASE)
_COMMENT_TITLE = re.compile(r"^comments? (on|for)\b|\bcomments feed\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """An address that may be worth polling. `asked`: the user named it, or it belongs to the section that was named."""

    url: str
    kind: ListingKind
    title: str = ""
    asked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What an address yielded. `why` it is left out, None where it is worth polling; `note` says more of it.

    `articles` counts the entries whose address looks like an article of the outlet's; `entries` is None where it was
    not read; `dated` is whether the entries carry times of publication.
    """

    candidate: Candidate
    entries: int | None = None
    articles: int = 0
    newest: datetime | None = None
    dated: bool = False
    why: str | None = None
    note: str = ""
    failure: PageOutcome | None = None
    leads: frozenset[str] = frozenset()
    head: Masthead = field(default_factory=Masthead)

    @property
    def url(self) -> str:
        """Where it is polled."""
        return self.candidate.url


def refused_by_name(candidate: Candidate) -> str | None:
    """Why a feed needs no look: comments and podcasts say in their address or title what they are."""
    words = _words_of(candidate.url) | _words(candidate.title)
    if words & _COMMENTS:
        return "a feed of comments"
    return "a feed of podcasts" if words & _PODCASTS else None


def tier_of(candidate: Candidate) -> int:
    """How near a feed is to all that an outlet publishes: 0 all of it or the world's news, 1 a section, 2 one aside."""
    if candidate.asked:
        return 0
    address = _words_of(candidate.url)
    labels = _words((urlsplit(candidate.url).hostname or "").removesuffix(domain_of(candidate.url)))
    if (labels | address | _words(candidate.title)) & _ASIDE:
        return 2
    # Words of two letters are languages, and `rssfeedstopstories` is one word.
    telling = {word for word in address if len(word) > 2 and not word.startswith("rss")}
    return 0 if telling & _MAIN or telling <= _GENERIC else 1


def _words_of(url: str) -> set[str]:
    parts = urlsplit(url)
    return _words(unquote(f"{parts.path} {parts.query}"))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", text.lower()))


def judge_feed(
    candidate: Candidate, leads: Sequence[Lead], body: bytes, head: Masthead, *, site: str, now: datetime
) -> Judged:
    """What a feed that could be read is worth to the outlet at `site`."""
    judged = _counted(candidate, leads, site, now)
    if not leads:
        why: str | None = "holds no entry"
    elif _COMMENT_TITLE.search(head.title):
        why = "a feed of comments"
    elif len(_AUDIO.findall(body)) >= _LEAST_SHARE * len(leads):
        why = "a feed of podcasts"
    else:
        why = _elsewhere(leads, site) or _nothing_new(judged, _STALE_FEED, now)
    return replace(judged, why=why, head=head)


def judge_sitemap(
    candidate: Candidate, leads: Sequence[Lead], bodies: Iterable[bytes], *, site: str, now: datetime
) -> Judged:
    """What a sitemap, or the parts of an index that were read, are worth to the outlet at `site`."""
    judged = _counted(candidate, leads, site, now)
    if not judged.dated:
        stamps = (sane_date(read_date(match.decode("latin-1")), now) for b in bodies for match in _STAMP.findall(b))
        judged = replace(judged, newest=max(filter(None, stamps), default=None))
    if not leads:
        return replace(judged, why="holds no entry")
    why = _elsewhere(leads, site) or _nothing_new(judged, _STALE_SITEMAP, now)
    if why is None and not judged.dated and (judged.newest is None or judged.articles < _LEAST_SHARE * len(leads)):
        why = "no news sitemap: its entries carry no time of publication, and too few look like new articles"
    return replace(judged, why=why)


def _counted(candidate: Candidate, leads: Sequence[Lead], site: str, now: datetime) -> Judged:
    dates = [date for lead in leads if (date := sane_date(lead.published, now))]
    return Judged(
        candidate=candidate,
        entries=len(leads),
        articles=sum(looks_like_article(lead.url, site) for lead in leads),
        newest=max(dates, default=None),
        dated=len(dates) >= _LEAST_SHARE * len(leads) > 0,
        leads=frozenset(lead.url for lead in leads),
    )


def _elsewhere(leads: Sequence[Lead], site: str) -> str | None:
    domains = Counter(domain_of(lead.url) for lead in leads)
    if domains[domain_of(site)] >= _LEAST_SHARE * len(leads):
        return None
    return f"its entries lead to other sites ({domains.most_common(1)[0][0]})"


def _nothing_new(judged: Judged, longest: timedelta, now: datetime) -> str | None:
    old = judged.newest is not None and judged.newest < now - longest
    return f"nothing new since {judged.newest:%Y-%m-%d}" if old else None


# ---------------------------------------------------------------------------------------------- what is proposed


def choose(judged: Sequence[Judged]) -> tuple[Judged, ...]:
    """The same, in their order, with a `why` for each that better ones make needless: what is left is proposed."""
    verdicts = {at: one for at, one in enumerate(judged) if one.why is None}
    feeds = _best_feeds({at: one for at, one in verdicts.items() if one.candidate.kind is ListingKind.FEED})
    maps = _best_sitemap({at: one for at, one in verdicts.items() if one.candidate.kind is ListingKind.SITEMAP}, feeds)
    changed = {**feeds, **maps}
    return tuple(replace(one, why=changed.get(at, one.why)) for at, one in enumerate(judged))


def _best_feeds(good: dict[int, Judged]) -> dict[int, str | None]:
    """Why each feed is left out, None for the best: of the nearest tier, the fullest first, none twice."""
    best = min((tier_of(one.candidate) for one in good.values()), default=0)
    whys: dict[int, str | None] = {}
    kept: list[Judged] = []
    for at, one in sorted(good.items(), key=lambda item: (_rank(item[1]), item[0])):
        double = next((other for other in kept if _is_double(one, other)), None)
        if double is not None:
            whys[at] = f"holds what {double.url} holds"
        elif tier_of(one.candidate) > best:
            whys[at] = "a section's feed"
        elif len(kept) == MOST_FEEDS:
            whys[at] = f"{MOST_FEEDS} fuller feeds stand before it"
        else:
            whys[at] = None
            kept.append(one)
    return whys


def _rank(one: Judged) -> tuple[int, bool, int, int]:
    few = one.articles < _LEAST_SHARE * len(one.leads)
    return (tier_of(one.candidate), few, -len(one.leads), len(one.url))


def _is_double(one: Judged, other: Judged) -> bool:
    return len(one.leads & other.leads) >= _SAME * min(len(one.leads), len(other.leads))


def _best_sitemap(good: dict[int, Judged], feeds: dict[int, str | None]) -> dict[int, str | None]:
    """Why each sitemap is left out: one news sitemap is kept, a general one only where there is nothing else."""
    news = {at: one for at, one in good.items() if one.dated}
    if not news and None in feeds.values():
        return dict.fromkeys(good, "no news sitemap, and there are feeds")
    best = max(news or good, key=lambda at: len(good[at].leads), default=None)
    return {at: None if at == best else "another sitemap holds more news" for at in good}


def judge_front_page(url: str, links: Sequence[str]) -> tuple[Judged, str | None]:
    """What the links of a front page are worth, and the pattern of its articles' addresses where one is plain."""
    own = [link for link in links if domain_of(link) == domain_of(url)]
    articles = [link for link in own if looks_like_article(link, url)]
    judged = Judged(
        candidate=Candidate(url=url, kind=ListingKind.FRONT_PAGE),
        entries=len(own),
        articles=len(articles),
        leads=frozenset(articles),
    )
    if len(articles) < _FEWEST_LINKS:
        return replace(judged, why="too few of its links look like articles"), None
    pattern = link_pattern(articles, own)
    if pattern is None:
        return replace(judged, note="no pattern is plain: links that look like articles are taken"), None
    matched = sum(re.search(pattern, link) is not None for link in own)
    return replace(judged, note=f"link_pattern matches {matched} of its {len(own)} links"), pattern


def link_pattern(articles: Sequence[str], links: Sequence[str]) -> str | None:
    """A regular expression that four of five `articles` match and hardly another of `links`; None where none is plain.

    It names the host: a pattern alone decides what is taken, whatever site a link leads to.
    """
    if len(articles) < _FEWEST_FOR_PATTERN:
        return None
    best, score = None, 0.0
    for pattern in _patterns(articles):
        wanted = re.compile(pattern)
        found = sum(wanted.search(link) is not None for link in articles)
        hits = sum(wanted.search(link) is not None for link in links)
        shares = (found / len(articles), found / max(hits, 1))
        if min(shares) >= _SAME and sum(shares) > score:
            best, score = pattern, sum(shares)
    return best


def _patterns(articles: Sequence[str]) -> Iterator[str]:
    """The patterns to try, the plainest first: a date, a number at the end, a folder, a long name in a folder."""
    host = Counter(urlsplit(link).netloc for link in articles).most_common(1)[0][0]
    start = f"^https?://{_escaped(host)}"
    yield rf"{start}/([^?]+/)?\d{{4}}/\d\d?/(\d\d?/)?[^/]+"
    yield rf"{start}/[^?]*\d{{5,}}(\.\w+)?/?$"
    for folder in _folders(articles):
        yield rf"{start}{_escaped(folder)}[^/?]+/?$"
        yield rf"{start}{_escaped(folder)}[^/?-]+(-[^/?-]+){{2,}}/?$"


def _escaped(text: str) -> str:
    return re.escape(text).replace(r"\-", "-")  # a hyphen means itself outside of brackets


def _folders(articles: Sequence[str]) -> list[str]:
    """The folders that most articles lie under, the deepest first; the last is the whole site."""
    under: Counter[str] = Counter()
    for link in articles:
        steps = urlsplit(link).path.strip("/").split("/")[:-1]
        under.update("/" + "".join(f"{step}/" for step in steps[:depth]) for depth in range(len(steps) + 1))
    common = [folder for folder, count in under.items() if count >= _SAME * len(articles)]
    return sorted(common, key=len, reverse=True)
