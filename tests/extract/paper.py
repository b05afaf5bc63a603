"""Pages of invented papers, as the crawler hands them on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from model import Lead, Page, Via

PAGES = Path(__file__).parent / "pages"
URL = "https://www.lamp.example/world/orrin-ferry"
FETCHED = datetime(2025, 8, 1, 12, 0, tzinfo=UTC)

BODY = """<article><h1>Harbour fire burns on</h1>
<p>The grain store at the harbour of Velmora burned for a second day, and the fire brigade said that four people had
been killed when its northern wall came down on the quay.</p>
<p>Most of the dockers had left by then. The port authority closed the basin to all ships and asked those who live on
the hill to keep their windows shut until the wind turns.</p>
<p>What set the store on fire is not known. Its owner had been warned about the dust in the conveyor twice, the labour
inspector told the council, and had promised to clean it in the summer.</p></article>"""

GERMAN = """<article><h1>Der Speicher brennt noch</h1>
<p>Der Getreidespeicher im Hafen von Velmora hat auch in der zweiten Nacht gebrannt, und die Feuerwehr teilte mit, dass
vier Menschen ums Leben gekommen sind, als die nördliche Mauer auf den Kai stürzte.</p>
<p>Die meisten Arbeiter waren da schon fort. Das Hafenamt sperrte das Becken für alle Schiffe und bat die Leute auf dem
Hügel, ihre Fenster geschlossen zu halten, bis der Wind sich dreht.</p></article>"""

RUSSIAN = """<article><h1>Пожар в порту</h1>
<p>Зерновой склад в порту Вельмора горел вторые сутки, и пожарные сообщили, что четыре человека погибли, когда северная
стена обрушилась на причал. Большинство грузчиков к тому времени уже ушли домой.</p>
<p>Управление порта закрыло гавань для всех судов и попросило жителей холма не открывать окна, пока ветер не
переменится. Причина пожара пока неизвестна, владелец склада молчит.</p></article>"""


def page(html: str | bytes, *, url: str = URL, encoding: str | None = None, lead: Lead | None = None) -> Page:
    """A page with this body, fetched on 1 August 2025 at noon UTC."""
    body = html.encode() if isinstance(html, str) else html
    return Page(
        url=url, final_url=url, outlet="lamp", fetched=FETCHED, milliseconds=5, status=200, body=body,
        encoding=encoding, lead=lead,
    )  # fmt: skip


def recorded(name: str, *, url: str = URL) -> Page:
    """The page of that name that lies beside the tests."""
    return page((PAGES / name).read_bytes(), url=url)


def article(head: str = "", *, html: str = '<html lang="en">', body: str = BODY) -> str:
    """A whole page around `body`, with `head` in its head."""
    return f"<!DOCTYPE html>{html}<head><meta charset='utf-8'>{head}</head><body>{body}</body></html>"


def lead(title: str | None = None, published: datetime | None = None) -> Lead:
    """What a feed said of the page."""
    return Lead(url=URL, outlet="lamp", via=Via.FEED, found=FETCHED, title=title, published=published)


def json_ld(text: str) -> str:
    """A script element with this JSON-LD in it."""
    return f'<script type="application/ld+json">{text}</script>'
