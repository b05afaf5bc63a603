"""The nouns of Tollwatch: frozen values that every part speaks in, and the tree of its errors.

    Outlet ─ Lead ─ Page ─ Article ─ Claim ─ Change ─ Alert ─ Delivery

A *lead* is an address worth fetching, a *page* what a server sent for it, an *article* what a reader reads of the
page, a *claim* one figure that the article states, a *change* the verdict on that figure against what was known, an
*alert* the message that the changes of one article earn, a *delivery* that alert owed to one channel.

Nothing here does anything but hold and name. This module imports nothing of the project.

The errors (expected things, such as a page that is gone, are values: `PageOutcome`):

    TollwatchError
    ├── ConfigError      what stands in a configuration is wrong; carries every problem at once
    ├── ArchiveError     the archive cannot be opened, read or written
    ├── InputError       a file or line that a command was given is not what it should be
    ├── ChannelError     a channel cannot be used at all (never a delivery that failed: that is an `Attempt`)
    └── WorkerTimeout, WorkerDied   a page hung or killed its worker (crawler/workers.py)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

# ---------------------------------------------------------------------------------------------------------- errors


class TollwatchError(Exception):
    """The root of every error that Tollwatch raises on purpose; its message is one sentence for a person."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing that is wrong in a configuration file: where it stands and what mends it."""

    file: str
    key: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.what}; {self.remedy}"


class ConfigError(TollwatchError):
    """A configuration that cannot be used; `problems` holds all that is wrong with it, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ArchiveError(TollwatchError):
    """The archive at `path` cannot be opened, read or written."""

    def __init__(self, *, path: str, what: str, remedy: str) -> None:
        self.path = path
        super().__init__(f"{path}: {what}; {remedy}")


class InputError(TollwatchError):
    """What a command was given to read is not what it should be."""

    def __init__(self, *, where: str, what: str, remedy: str) -> None:
        self.where = where
        super().__init__(f"{where}: {what}; {remedy}")


class ChannelError(TollwatchError):
    """A channel cannot be used at all: `channel` is its name in the configuration."""

    def __init__(self, *, channel: str, what: str, remedy: str) -> None:
        self.channel = channel
        super().__init__(f"channel {channel}: {what}; {remedy}")


# ------------------------------------------------------------------------------------------- the crawler's values


class Word(StrEnum):
    """A closed set of words. As a key each is what it is as text, at the speed of text."""

    __hash__ = str.__hash__


class Via(Word):
    """How an address was found."""

    FEED = "feed"
    SITEMAP = "sitemap"
    FRONT_PAGE = "front_page"
    REREAD = "reread"
    HAND = "hand"


class PageOutcome(Word):
    """What became of a fetch. Every fetch ends in exactly one, and each is counted."""

    NEW_ARTICLE = "new_article"
    NEW_REVISION = "new_revision"
    UNCHANGED = "unchanged"  # fetched, the same text as before
    NOT_MODIFIED = "not_modified"  # the server answered 304
    LISTED = "listed"  # a feed, sitemap or front page was read
    LIVE_PAGE = "live_page"  # a live blog: kept, but its figures belong to its entries, each an article
    NOT_AN_ARTICLE = "not_an_article"  # a section front, a gallery, a video page …
    NO_TEXT = "no_text"  # an article by its marks, but no body was found
    NO_READER_FOR_LANGUAGE = "no_reader_for_language"  # kept, but its figures cannot be read yet
    NOT_HTML = "not_html"
    BROKEN_LISTING = "broken_listing"  # a feed or sitemap that yields nothing readable
    REFUSED_ADDRESS = "refused_address"  # a private, loopback or otherwise forbidden address
    REFUSED_BY_ROBOTS = "refused_by_robots"
    BLOCKED = "blocked"  # 401, 402, 403, 451 or a bot wall
    RATE_LIMITED = "rate_limited"  # 429 or 503 with Retry-After
    GONE = "gone"  # 404 or 410
    SERVER_ERROR = "server_error"  # any other status of 400 and above
    TOO_LARGE = "too_large"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"  # no address, refused connection, bad certificate, broken HTTP
    READER_FAILED = "reader_failed"  # the reader raised, hung or died over this page


PAYWALLED = "behind a paywall: only its beginning is given"  # the detail of such a page, whatever its outcome
WELL = frozenset(
    {
        PageOutcome.NEW_ARTICLE, PageOutcome.NEW_REVISION, PageOutcome.UNCHANGED, PageOutcome.NOT_MODIFIED,
        PageOutcome.LIVE_PAGE, PageOutcome.NO_READER_FOR_LANGUAGE,
    }
)  # fmt: skip  # of a page with which nothing is wrong, unless it is behind a paywall


class ListingKind(Word):
    """What kind of address an outlet is polled at."""

    FEED = "feed"
    SITEMAP = "sitemap"
    FRONT_PAGE = "front_page"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlet:
    """One publisher: where its news is found and how often to look.

    `id` is permanent, `name` may change. `link_pattern` is a regular expression that a front-page link must match.
    Polls lie between `every` and `slowest` apart, as often as news comes.
    """

    id: str
    name: str
    homepage: str
    country: str | None = None  # ISO 3166-1 alpha-2, lower case; None for international bodies
    language: str | None = None  # ISO 639-1; the language to assume where a page names none
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    front_pages: tuple[str, ...] = ()
    link_pattern: str | None = None
    every: timedelta = timedelta(minutes=15)
    slowest: timedelta = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """An address that is polled for leads, with what is known of it from the last polls.

    The validators are sent back as they came; `body_hash` is the SHA-256 of the last body that was read. `moved_to` is
    where permanent redirects led the last time; `gap` the usual time between two pieces of news, `last_news` when the
    last one was found.
    """

    url: str
    outlet: str
    kind: ListingKind
    every: timedelta
    slowest: timedelta = timedelta(hours=1)
    moved_to: str | None = None
    gap: timedelta | None = None
    last_news: datetime | None = None
    link_pattern: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    due: datetime | None = None
    failures: int = 0
    first_polled: datetime | None = None
    last_success: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Lead:
    """An address worth fetching, with what its listing said of it (hints: the page itself has the last word).

    `url` is fetched as it was found; `key` is its canonical form, under which it is known ("" before that is known).
    """

    url: str
    key: str = ""
    outlet: str
    via: Via
    found: datetime
    title: str | None = None
    published: datetime | None = None
    guid: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """An HTTP response as it came, its body not unpacked: what a capture keeps."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    protocol: str = "HTTP/1.1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What a server sent for one address.

    `failure` is None where `body` can be read on; otherwise it is the outcome that ends this page, and `detail` says
    why in a few words. `retry_after` is the earliest time at which the host may be asked again, where it said so.
    `moved_to` is set where permanent redirects, and no others, led to `final_url`; `hold` names the host
    (`host:port`) and the time from which on it may be asked again, where that outlasts a restart.
    """

    url: str  # as asked for
    final_url: str  # after redirects
    outlet: str
    fetched: datetime
    milliseconds: int
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    encoding: str | None = None
    failure: PageOutcome | None = None
    detail: str = ""
    retry_after: datetime | None = None
    moved_to: str | None = None
    hold: tuple[str, datetime] | None = None
    sent: Sent | None = None
    lead: Lead | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """What a listing's body yields: the leads in its order, and the pause that it asks for between polls."""

    leads: tuple[Lead, ...] = ()
    sub_listings: tuple[str, ...] = ()  # the sitemaps that a sitemap index names
    ttl: timedelta | None = None
    problem: str | None = None  # why nothing could be read, None where it could


@dataclass(frozen=True, kw_only=True, slots=True)
class Polled:
    """What one poll of a listing taught: how it ended and when to look again.

    `validators` are (ETag, Last-Modified) of the body that was read last; `gap` the usual time between two pieces of
    news.
    """

    outcome: PageOutcome
    detail: str
    new_leads: int
    interval: timedelta
    due: datetime
    body_hash: str | None = None
    validators: tuple[str | None, str | None] = (None, None)
    moved_to: str | None = None
    gap: timedelta | None = None


class SourceState(Word):
    """How an outlet does as a source of news."""

    WELL = "well"
    NEW = "new"  # not looked at yet
    FAILING = "failing"  # its addresses or pages do not answer
    BLOCKED = "blocked"  # it shuts us out: 401, 403, 429, a bot wall, a paywall, robots.txt
    YIELDS_NOTHING = "yields_nothing"  # it answers, but no article comes of it
    SILENT = "silent"  # it answers, but has had no news for unusually long
    NO_FIGURES = "no_figures"  # its articles have hardly a figure any more


@dataclass(frozen=True, kw_only=True, slots=True)
class PolledListing:
    """How one polled address does, as the archive knows it."""

    url: str
    failures: int = 0
    failing_since: datetime | None = None
    last_outcome: PageOutcome | None = None
    last_detail: str = ""
    first_polled: datetime | None = None
    last_news: datetime | None = None
    gap: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One page that was fetched, and what became of it."""

    at: datetime
    outcome: PageOutcome
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceRecord:
    """What is known of an outlet's addresses, of its last pages, and of which of its last articles hold a figure.

    Pages and articles stand the newest first, and end early where those before leave no doubt that all is well.
    """

    outlet: str
    name: str
    listings: tuple[PolledListing, ...] = ()
    visits: tuple[Visit, ...] = ()
    figures: tuple[bool, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceHealth:
    """How an outlet does, since when, and why."""

    outlet: str
    name: str
    state: SourceState
    since: datetime | None = None
    why: str = ""


# -------------------------------------------------------------------------------------------- the reader's values


class ArticleKind(Word):
    """What a page turned out to be."""

    ARTICLE = "article"
    LIVE = "live"
    NOT_AN_ARTICLE = "not_an_article"
    NO_TEXT = "no_text"


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """What a reader reads of a page. One per canonical address; each distinct text of it is a revision.

    Times are aware UTC. `credit` is the wire agency or partner that the text is credited to, as the text names it.
    """

    url: str  # canonical
    outlet: str
    title: str
    text: str  # the body
    published: datetime | None = None
    modified: datetime | None = None
    language: str | None = None  # ISO 639-1
    credit: str | None = None
    kind: ArticleKind = ArticleKind.ARTICLE
    teaser: bool = False  # only the beginning of a text that its outlet sells
    entries: tuple[Article, ...] = ()  # of a live page, the oldest first

    @property
    def reading_text(self) -> str:
        """Title and body as claims refer to them by offset (code points); the title stands once."""
        first = self.text.split("\n", 1)[0].strip()
        return self.text if not self.title or self.title == first else f"{self.title}\n{self.text}"


class Outcome(Word):
    """What happened to the people who are counted."""

    KILLED = "killed"
    INJURED = "injured"
    MISSING = "missing"
    DISPLACED = "displaced"
    DETAINED = "detained"
    ABDUCTED = "abducted"
    CASUALTIES = "casualties"  # killed or injured, not told apart


class Who(Word):
    """Whom a figure counts."""

    PEOPLE = "people"
    CIVILIANS = "civilians"
    SECURITY_FORCES = "security_forces"
    COMBATANTS = "combatants"
    CHILDREN = "children"
    WOMEN = "women"
    MEDICS = "medics"
    AID_WORKERS = "aid_workers"
    JOURNALISTS = "journalists"
    HOSTAGES = "hostages"
    DETAINEES = "detainees"


class Qualifier(Word):
    """The bound that the words put on a number."""

    EXACT = "exact"
    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    ABOUT = "about"
    UP_TO = "up_to"
    FEWER_THAN = "fewer_than"
    RANGE = "range"
    VAGUE = "vague"


class Vague(Word):
    """The vague number words, whatever the language; `extract/compare.py` has their intervals."""

    COUPLE = "couple"
    SEVERAL = "several"
    TENS = "tens"
    DOZENS = "dozens"
    SCORES = "scores"
    HUNDREDS = "hundreds"
    THOUSANDS = "thousands"
    TENS_OF_THOUSANDS = "tens_of_thousands"
    HUNDREDS_OF_THOUSANDS = "hundreds_of_thousands"
    MILLIONS = "millions"
    MANY = "many"


class Scope(Word):
    """What a figure covers, seen from the event that the article reports."""

    TOTAL = "total"
    INCREMENT = "increment"
    PART = "part"
    PREVIOUS = "previous"
    BACKGROUND = "background"


class Cue(Word):
    """What the text says of the number's movement."""

    NONE = "none"
    RAISED = "raised"
    LOWERED = "lowered"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    NEWER = "newer"


class Precision(Word):
    """How sharply a text says when its figure was true."""

    INSTANT = "instant"
    PART_OF_DAY = "part_of_day"
    DAY = "day"


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One figure as a text states it. Offsets are code points into the reading text.

    `low` and `high` are what the words assert, a closed interval; None where the words set no such bound. `phrase`
    is the bare number phrase, `text[start:end]`; `vague` tells which vague word it is where `qualifier` is vague.
    `source` is None for the outlet's own voice. `as_of` is None where the text gives no time for the figure.
    """

    start: int
    end: int
    phrase: str
    sentence_start: int
    sentence_end: int
    low: int | None
    high: int | None
    qualifier: Qualifier
    vague: Vague | None = None
    outcome: Outcome
    who: Who = Who.PEOPLE
    who_text: str = ""
    subset: str | None = None
    source: str | None = None
    source_text: str | None = None
    speaker: str | None = None
    relay: str | None = None
    scope: Scope = Scope.TOTAL
    window: str | None = None
    as_of: datetime | None = None
    as_of_precision: Precision | None = None
    cue: Cue = Cue.NONE
    hedged: bool = False
    denied: bool = False
    rule: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One page as read: how it ended, and what it holds where it is an article (made in a worker process)."""

    page_url: str
    outcome: PageOutcome | None  # None: an article whose outcome the archive decides (new, revised, unchanged)
    detail: str = ""
    article: Article | None = None
    claims: tuple[Claim, ...] = ()
    entries: tuple[Reading, ...] = ()  # of a live page, the oldest first

    @property
    def newest_entry(self) -> datetime | None:
        """When the newest entry of a live page was published."""
        newest = self.entries[-1].article if self.entries else None
        return None if newest is None else newest.published


# ----------------------------------------------------------------------------------------- the comparer's values


class Kind(Word):
    """The verdict on a claim; docs/verdicts.md has the table."""

    NEW = "new"
    RAISED = "raised"
    LOWERED = "lowered"
    LOWERED_UNCONFIRMED = "lowered_unconfirmed"
    WITHDRAWN = "withdrawn"
    FIRMED = "firmed"
    QUANTIFIED = "quantified"
    REFINED = "refined"
    RESTATED = "restated"
    REPEAT = "repeat"
    STALE = "stale"
    PART = "part"
    INCREMENT = "increment"
    CONTEXT = "context"
    DENIED = "denied"
    HEDGED_HIGH = "hedged_high"
    CONTRADICTED = "contradicted"
    DIVERGES = "diverges"
    CONFIRMED = "confirmed"
    IMPLAUSIBLE = "implausible"
    PARTS_EXCEED_TOTAL = "parts_exceed_total"


class Level(Word):
    """How a change is told: at once, in the next digest, or only kept."""

    NOW = "now"
    DIGEST = "digest"
    LOG = "log"


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A claim's number in its place: what was said, by whom, in which text, true as of when.

    `source` is the canonical name of who says so, or `outlet:<id>` for the outlet's own voice; `party` is the one
    independent voice that it belongs to. `dated` tells that the text itself says when the figure was true. `edited`
    tells that an earlier revision of the same article had another number in its place, `doubtful` that the article
    gives the number of things, too.
    """

    claim: Claim
    source: str
    party: str
    dated: bool = False
    edited: bool = False
    doubtful: bool = False
    article_url: str
    outlet: str
    quote: str  # the sentence with the number
    quote_mark: tuple[int, int]  # the number's place in `quote`, code points
    as_of: datetime
    as_of_precision: Precision
    seen: datetime
    published: datetime | None
    revision_id: int | None = None
    id: int | None = None  # its place in the archive, None before it is kept


@dataclass(frozen=True, kw_only=True, slots=True)
class SeriesKey:
    """What is compared with what: one event's figure for one outcome, group, subset and source.

    `source` is the canonical name, or `outlet:<id>` for an outlet's own voice.
    """

    event: str
    outcome: Outcome
    who: Who
    subset: str | None
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """The verdict on one claim, with all that explains it."""

    kind: Kind
    level: Level
    series: SeriesKey
    to: Figure
    previous: Figure | None = None  # the figure that it was compared with
    row: str  # the row of the decision table, as docs/verdicts.md numbers it
    reason: str  # one sentence for a person
    attached: tuple[Kind, ...] = ()
    silent_edit: bool = False
    told: int | None = None  # the number that subscribers were last told of the series


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """Every figure that a series ever had, in any order, and the number that subscribers were last told of it."""

    key: SeriesKey
    figures: tuple[Figure, ...] = ()
    told: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownArticle:
    """What is kept of an article: its newest revision and when that was stated."""

    id: int
    url: str
    revision_id: int
    number: int  # of the newest revision, from 1
    sha256: str
    stated: datetime
    reader_version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownText:
    """A revision that may be the first of a copy: its sketch, its time and the figures that it states."""

    revision_id: int
    url: str
    stated: datetime
    sketch: tuple[int, ...]
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """One revision as it is kept: its place among its article's, and when it was stated and seen.

    `earlier` is the revision before it. `claims` stand with their ids, as they were read.
    """

    article: Article
    article_id: int
    revision_id: int
    number: int  # of the revision, from 1
    earlier: int | None
    stated: datetime
    seen: datetime
    reader_version: str
    sketch: tuple[int, ...] = ()
    claims: tuple[tuple[int, Claim], ...] = ()


class DecisionKind(Word):
    """What a person decides about an event."""

    MERGE = "merge"
    SPLIT = "split"
    RENAME = "rename"


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What a person decided about an event.

    `other` is the event that it is merged into or that is split off it, or its new name; `articles` are the addresses
    that a split puts there.
    """

    kind: DecisionKind
    event: str
    other: str
    articles: tuple[str, ...] = ()


# ----------------------------------------------------------------------------------------- figures over time


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelinePoint:
    """One figure in a timeline: what was said, by whom, true as of when.

    `source` and `outlet` are names as people read them; where an outlet speaks in its own voice, both are its own.
    `number` is the one that is compared; `low` and `high` are what the words assert, None where they set no such bound.
    `stands` is False where a figure moved nothing: unconfirmed, implausible, lower and seen once.
    """

    as_of: datetime
    seen: datetime
    low: int | None
    high: int | None
    number: int
    qualifier: Qualifier
    hedged: bool
    source: str
    outlet: str
    url: str
    quote: str
    figure_id: int
    phrase: str = ""
    mark: tuple[int, int] = (0, 0)  # the number's place in `quote`, code points
    stands: bool = True
    withdrawn: bool = False  # taken back as of then, without another number


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """What every source said over time of one event's outcome and group; points by time, then as they were seen."""

    event: str  # permanent id
    event_name: str
    outcome: Outcome
    who: Who
    subset: str | None
    points: tuple[TimelinePoint, ...]


# -------------------------------------------------------------------------------------------- the alerts' values


class AlertType(Word):
    """What an alert is about; the `type` of a webhook's body."""

    FIGURE_CHANGED = "figure.changed"
    DIGEST = "digest"
    BASELINE = "baseline"
    OUTLET_DEGRADED = "outlet.degraded"
    OUTLET_RECOVERED = "outlet.recovered"
    CHANNEL_FAILED = "channel.failed"
    TEST = "test"


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """A sentence with its number marked, and where it stands."""

    text: str
    mark: tuple[int, int]
    outlet: str  # the outlet's name
    url: str
    published: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """A number as said: interval, qualifier and the words themselves."""

    low: int | None
    high: int | None
    qualifier: Qualifier
    phrase: str
    anchor: int  # the number that is compared: n of "at least n"; the lower end of a vague word's table entry


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One change as an alert tells it."""

    kind: Kind
    level: Level
    outcome: Outcome
    who: Who
    subset: str | None
    source: str | None  # canonical; None for the outlet's own voice
    source_text: str | None
    value: Value
    previous: Value | None
    quote: Quote
    previous_quote: Quote | None
    as_of: datetime
    as_of_precision: Precision
    hedged: bool
    silent_edit: bool
    attached: tuple[Kind, ...]
    row: str
    reason: str
    cue: Cue = Cue.NONE
    window: str | None = None  # what a part covers
    dated: bool = True  # whether the text itself says when the figure was true
    previous_source: str | None = None  # whose the previous figure is, where another source's
    event: str | None = None  # permanent id; a digest holds changes of several events
    event_name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherVoice:
    """Another source's standing figure for the same outcome and group."""

    source: str
    value: Value
    outcome: Outcome
    who: Who
    hedged: bool
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Behind:
    """Who stands behind an alert's main figure: parties, never outlets, are counted as independent."""

    independent_sources: int
    outlets: int
    disagreeing: tuple[OtherVoice, ...] = ()
    unconfirmed: tuple[OtherVoice, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """A message, whatever channel carries it. `key` is stable: the same alert has the same key at every retry.

    `changes` has the one that leads first; `timeline` is the course of what that one counts, as it stood then. Alerts
    that are not about figures carry `headline` and `body` only.
    """

    key: str
    type: AlertType
    created: datetime
    headline: str = ""
    body: str = ""
    event: str | None = None  # permanent id
    event_name: str = ""
    watches: tuple[str, ...] = ()
    outlet: str | None = None  # id
    outlet_name: str = ""
    url: str | None = None
    changes: tuple[Told, ...] = ()
    behind: Behind | None = None
    timeline: Timeline | None = None


class Wait(Word):
    """How a change that is held back is told in the end."""

    MESSAGE = "now"  # with its event's others, when the gathering time or the quiet hours are over
    GATHERED = "gathered"  # in one digest of what came above a channel's most messages an hour
    DIGEST = "digest"
    BASELINE = "log"  # in the summary of what was there before


class DeliveryState(Word):
    """Where an owed alert stands."""

    OWED = "owed"
    DELIVERED = "delivered"
    DEAD = "dead"  # refused for good, or given up after the last retry


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One alert owed to one channel."""

    id: int
    channel: str
    alert: Alert
    attempts: int
    owed_since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelRecord:
    """What is known of a channel's deliveries.

    `dead` counts those that were refused or given up and not told of yet, `last_dead` is the last of all (its id, 0
    without one). `waiting` counts those that have failed and are owed still, since `waiting_since`.
    """

    channel: str
    delivered: datetime | None = None  # the last time that one was
    dead: int = 0
    last_dead: int = 0
    waiting: int = 0
    waiting_since: datetime | None = None
    last_error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Noticed:
    """That an outlet or a channel is not well was told at `told`; `well_since` is when it was first seen well again.

    `last_dead` is the last dead delivery of a channel that was told of.
    """

    told: datetime
    well_since: datetime | None = None
    last_dead: int = 0


class AttemptResult(Word):
    """How one attempt to deliver ended."""

    DELIVERED = "delivered"
    FAILED = "failed"  # may pass: try again later
    REFUSED = "refused"  # will not pass: bad address, bad credentials


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One attempt to deliver. `detail` never holds a secret; `retry_after` is what the receiver asked for."""

    result: AttemptResult
    detail: str = ""
    retry_after: timedelta | None = None


# --------------------------------------------------------------------------------------------- what users follow


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameters:
    """What decides how much movement is news; an event is judged by the most watchful of those that follow it."""

    step_share: float = 0.10  # of the value last told that a step must reach to be told (the domain's theta)
    least_step: int = 2  # a step of one is told only where it crosses a milestone
    hedged_factor: float = 1.5  # how far above the firm figure a hedged one must lie to be told
    diverging_factor: float = 1.5  # how far apart two overlapping sources must lie to be told
    newer_by: timedelta = timedelta(hours=12)  # a later count of another source this much newer supersedes
    milestones: tuple[int, ...] = (
        *(1, 5, 10, 20, 50, 100, 200, 500),
        *(1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """What a user follows: a saved selection of events and articles.

    A word matches whole words whatever the case; a trailing `*` makes it a prefix. An empty selection takes all.
    """

    id: str
    name: str
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    since: datetime | None = None
    timezone: str = "UTC"
    single: bool = False
    parameters: Parameters = Parameters()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """Which changes go to which channels. Empty tuples mean all."""

    name: str
    channels: tuple[str, ...]
    watches: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    who: tuple[Who, ...] = ()
    sources: tuple[str, ...] = ()
    levels: tuple[Level, ...] = (Level.NOW, Level.DIGEST)
    minimum_step: int = 0


EVERY_DAY = frozenset(range(7))  # Monday is 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DailyTime:
    """A time of day on some weekdays, in the zone of whom it is for."""

    at: time
    days: frozenset[int] = EVERY_DAY


@dataclass(frozen=True, kw_only=True, slots=True)
class Quiet:
    """Hours without a message, which begin on `days`; where `ends` is no later than `begins`, it is the day after."""

    begins: time
    ends: time
    days: frozenset[int] = EVERY_DAY


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """When a channel is told what, in its own time zone.

    A step that reaches both `override_step` (people) and `override_share` (of the number before), of those that are
    given, is told in quiet hours too; so is a first figure of `override_first`.
    """

    timezone: str = "UTC"
    digests: tuple[DailyTime, ...] = (DailyTime(at=time(8)),)
    quiet: tuple[Quiet, ...] = ()
    override_step: int | None = None
    override_share: float | None = None
    override_first: int | None = None
    most_per_hour: int | None = None
    notices: bool = True  # whether it is told of outlets and channels that are not well
