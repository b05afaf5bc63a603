"""A live blog of an invented paper, in the forms in which papers write theirs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from model import Page

URL = "https://www.lamp.example/live/2025/aug/01/flood-in-velmora-live"
FETCHED = "2025-08-01T18:00:00+00:00"


@dataclass(frozen=True, kw_only=True)
class Post:
    """One entry: its clock time on 1 August 2025 (UTC), what the page calls it, its headline and its paragraphs."""

    at: str
    name: str | None
    title: str
    body: tuple[str, ...]


FIRST = Post(
    at="07:40",
    name="block-a1",
    title="Three dead in the old town",
    body=("Three people were killed in a cellar in Velmora, the police said.", "They had tried to save their stock."),
)
SECOND = Post(
    at="09:15",
    name="block-b2",
    title="Dam holds",
    body=("The water board says that the dam holds and that both of its gates are open.",),
)
THIRD = Post(
    at="11:05",
    name="block-c3",
    title="",
    body=("The number of dead has risen to nine, the police said. Another 14 people were injured.",),
)
POSTS = (THIRD, SECOND, FIRST)


def stamp(post: Post) -> str:
    return post.at if "T" in post.at else f"2025-08-01T{post.at}:00Z"


def described(posts: Sequence[Post] = POSTS, **fields: Any) -> str:
    """The posts as JSON-LD, in a script element."""
    updates = [
        {
            "@type": "BlogPosting",
            "headline": post.title,
            "articleBody": "\n".join(post.body),
            "datePublished": stamp(post),
            **({"url": f"{URL}#{post.name}"} if post.name else {}),
            **fields,
        }
        for post in posts
    ]
    return script(updates)


def script(updates: object) -> str:
    """A live blog whose `liveBlogUpdate` is this."""
    page = {
        "@type": "LiveBlogPosting",
        "url": URL,
        "headline": "Flood in Velmora: the day as it goes",
        "datePublished": "2025-08-01T06:00:00Z",
        "liveBlogUpdate": updates,
    }
    return f'<script type="application/ld+json">{json.dumps(page)}</script>'


def shown(posts: Sequence[Post] = POSTS) -> str:
    """The posts as blocks of the page."""
    return "".join(_block(post) for post in posts)


def _block(post: Post) -> str:
    name = f' id="{post.name}"' if post.name else ""
    title = f"<h2>{escape(post.title)}</h2>" if post.title else ""
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in post.body)
    return (
        f'<article{name} class="post"><header><time datetime="{stamp(post)}">{post.at}</time><span>3h ago</span>'
        f"{title}</header>{body}<button>Share</button></article>"
    )


def page(*, head: str = "", body: str = "", url: str = URL, fetched: str = FETCHED) -> Page:
    """A page with this in its head and in its body."""
    html = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Flood in Velmora</title>{head}</head>'
        f"<body><main><h1>Flood in Velmora: the day as it goes</h1>{body}</main></body></html>"
    )
    return Page(
        url=url,
        final_url=url,
        outlet="lamp",
        fetched=datetime.fromisoformat(fetched),
        milliseconds=5,
        status=200,
        body=html.encode(),
    )
