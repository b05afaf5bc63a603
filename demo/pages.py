"""The sample site's content: article files -> stories -> the pages, feeds and sitemaps of three invented outlets.

`site/articles/*.toml` holds the stories, `site/templates/*.html` the outlets' layouts, `site/README.md` says what each
story is for. Days are relative, so that the site is always of today and yesterday.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from string import Template

_SITE = Path(__file__).parent / "site"
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TAGE = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
_RELATED = 4
_NEWS_SITEMAP = "http://www.google.com/schemas/sitemap-news/0.9"


@dataclass(frozen=True, kw_only=True, slots=True)
class Press:
    """One invented outlet: what it is called and where it puts things."""

    id: str
    name: str
    feed: str
    sitemap: str
    article: str  # a path with {date}, {language} and {slug}
    link_pattern: str


PRESSES = (
    Press(
        id="kpa",
        name="Kestrian Press Agency",
        feed="/rss/latest.xml",
        sitemap="/sitemap-news.xml",
        article="/news/{slug}",
        link_pattern="/news/[a-z0-9-]+$",
    ),
    Press(
        id="courier",
        name="The Sarn Courier",
        feed="/feed.atom",
        sitemap="/sitemaps/news.xml",
        article="/{date:%Y/%m/%d}/{slug}.html",
        link_pattern=r"/\d{4}/\d\d/\d\d/",
    ),
    Press(
        id="meridian",
        name="Meridian World Service",
        feed="/rss.xml",
        sitemap="/news-sitemap.xml",
        article="/{language}/{slug}",
        link_pattern="/(en|de)/[a-z0-9-]+$",
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """A change of the body that the outlet does not mention: from `at` on, `new` stands where `old` stood."""

    at: datetime
    old: str
    new: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """One article as it is published; `step` is the state of the site from which it stands there."""

    outlet: str
    slug: str
    step: int
    published: datetime
    language: str
    section: str
    byline: str
    title: str
    summary: str
    body: str
    edit: Edit | None

    def body_at(self, step: int) -> str:
        """The body as it reads in a state of the site: paragraphs with a blank line between them."""
        return self.body.replace(self.edit.old, self.edit.new) if self.edit and step > self.step else self.body

    def modified_at(self, step: int) -> datetime:
        """When the text that stands in a state of the site was written."""
        return self.edit.at if self.edit and step > self.step else self.published


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """What the site serves at one path."""

    body: bytes
    type: str
    modified: datetime


# ------------------------------------------------------------------------------------------------------- stories


def read_stories(now: datetime) -> tuple[Story, ...]:
    """All stories, oldest first, dated so that the last of them lies before `now`."""
    tables = [tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted((_SITE / "articles").glob("*.toml"))]
    last = max(table["time"] for table in tables if table["day"] == 1)
    second = (now.astimezone(UTC) - timedelta(hours=last.hour, minutes=last.minute + 1)).date()
    return tuple(sorted((_story(table, second) for table in tables), key=lambda story: story.published))


def _story(table: Mapping[str, object], second: date) -> Story:
    texts = {key: value for key, value in table.items() if isinstance(value, str)}
    days = {"day0": second - timedelta(days=1), "day1": second}
    words = {name: _DAYS[day.weekday()] for name, day in days.items()}
    words |= {name.replace("day", "tag"): _TAGE[day.weekday()] for name, day in days.items()}
    edit, step = table.get("edit"), table["step"]
    assert isinstance(step, int)
    return Story(
        **{**texts, "language": texts.get("language", "en"), "body": Template(texts["body"]).substitute(words).strip()},
        step=step,
        published=_moment(table, second),
        edit=_edit(edit, second) if isinstance(edit, dict) else None,
    )


def _edit(table: Mapping[str, object], second: date) -> Edit:
    return Edit(at=_moment(table, second), old=str(table["old"]), new=str(table["new"]))


def _moment(table: Mapping[str, object], second: date) -> datetime:
    day, clock = table["day"], table["time"]
    assert isinstance(day, int)
    assert isinstance(clock, time)
    return datetime.combine(second + timedelta(days=day - 1), clock, tzinfo=UTC)


# --------------------------------------------------------------------------------------------------------- pages


def render(press: Press, stories: Iterable[Story], *, step: int, base: str) -> dict[str, Document]:
    """Everything that an outlet serves in a state of the site, by path; `base` is its address without a slash."""
    own = [story for story in stories if story.outlet == press.id and story.step <= step]
    own.sort(key=lambda story: story.published, reverse=True)
    newest = max(story.modified_at(step) for story in own)
    feed = _atom if press.feed.endswith(".atom") else _rss
    documents = {
        "/": Document(body=_front_page(press, own, base), type="text/html; charset=utf-8", modified=newest),
        press.feed: Document(body=feed(press, own, base), type="application/xml; charset=utf-8", modified=newest),
        press.sitemap: Document(body=_sitemap(press, own, base), type="application/xml", modified=newest),
        "/robots.txt": Document(
            body=f"User-agent: *\nDisallow: /search\nSitemap: {base}{press.sitemap}\n".encode(),
            type="text/plain",
            modified=own[-1].published,
        ),
    }
    for story in own:
        page = _article(press, story, own, step=step, base=base)
        documents[path_of(press, story)] = Document(body=page, type="text/html; charset=utf-8", modified=newest)
    return documents


def path_of(press: Press, story: Story) -> str:
    """Where an outlet puts a story."""
    return press.article.format(date=story.published, language=story.language, slug=story.slug)


def _template(name: str) -> Template:
    return Template((_SITE / "templates" / name).read_text(encoding="utf-8"))


def _article(press: Press, story: Story, own: Sequence[Story], *, step: int, base: str) -> bytes:
    others = [other for other in own if other is not story][:_RELATED]
    address = base + path_of(press, story)
    page = _template(f"{press.id}.html").substitute(
        _escaped(story),
        site=press.name,
        address=address,
        iso=story.published.isoformat(),
        clock=f"{story.published:%d.%m.%Y %H:%M} GMT",
        year=story.published.year,
        linked_data=_linked_data(press, story, address),
        paragraphs="\n".join(f"<p>{escape(text)}</p>" for text in story.body_at(step).split("\n\n")),
        related="\n".join(_link(press, other) for other in others),
    )
    return page.encode()


def _escaped(story: Story) -> dict[str, str]:
    names = ("title", "summary", "byline", "section", "language")
    return {name: escape(getattr(story, name)) for name in names}


def _link(press: Press, story: Story) -> str:
    return f'<li><a href="{path_of(press, story)}">{escape(story.title)}</a></li>'


def _linked_data(press: Press, story: Story, address: str) -> str:
    """schema.org's NewsArticle. dateModified stays what it was: the site edits without saying so."""
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "description": story.summary,
        "datePublished": story.published.isoformat(),
        "dateModified": story.published.isoformat(),
        "inLanguage": story.language,
        "author": {"@type": "Person", "name": story.byline},
        "publisher": {"@type": "NewsMediaOrganization", "name": press.name},
        "mainEntityOfPage": address,
    }
    return json.dumps(data, ensure_ascii=False).replace("</", "<\\/")


def _front_page(press: Press, own: Sequence[Story], base: str) -> bytes:
    teasers = "\n".join(
        f'<article><h2><a href="{path_of(press, story)}">{escape(story.title)}</a></h2>'
        f"<p>{escape(story.summary)}</p></article>"
        for story in own
    )
    return _template("front.html").substitute(site=press.name, feed=base + press.feed, teasers=teasers).encode()


# ---------------------------------------------------------------------------------------------- feeds and sitemaps


def _rss(press: Press, own: Sequence[Story], base: str) -> bytes:
    items = "".join(
        f"<item><title>{escape(story.title)}</title><link>{base}{path_of(press, story)}</link>"
        f'<guid isPermaLink="false">{press.id}:{story.slug}</guid><description>{escape(story.summary)}</description>'
        f"<pubDate>{format_datetime(story.published)}</pubDate></item>\n"
        for story in own
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>{press.name}</title>'
        f"<link>{base}/</link><description>Latest news</description>\n{items}</channel></rss>\n"
    ).encode()


def _atom(press: Press, own: Sequence[Story], base: str) -> bytes:
    entries = "".join(
        f"<entry><title>{escape(story.title)}</title>"
        f'<link rel="alternate" type="text/html" href="{base}{path_of(press, story)}"/>'
        f"<id>tag:{press.id}.invalid,2020:{story.slug}</id><summary>{escape(story.summary)}</summary>"
        f"<published>{story.published.isoformat()}</published><updated>{story.published.isoformat()}</updated></entry>\n"
        for story in own
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>{press.name}</title>'
        f"<id>tag:{press.id}.invalid,2020:feed</id><updated>{own[0].published.isoformat()}</updated>\n{entries}</feed>\n"
    ).encode()


def _sitemap(press: Press, own: Sequence[Story], base: str) -> bytes:
    entries = "".join(
        f"<url><loc>{base}{path_of(press, story)}</loc><news:news><news:publication><news:name>{press.name}</news:name>"
        f"<news:language>{story.language}</news:language></news:publication>"
        f"<news:publication_date>{story.published.isoformat()}</news:publication_date>"
        f"<news:title>{escape(story.title)}</news:title></news:news></url>\n"
        for story in own
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="{_NEWS_SITEMAP}">\n{entries}</urlset>\n'
    ).encode()
