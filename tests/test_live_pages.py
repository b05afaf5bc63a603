"""What becomes of a live page: its entries are told like articles, read again and again, each once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from archive import Archive
from jobs import OnThread
from model import Change, Kind, Level, Outcome, PageOutcome, Reading, Watch
from monitor import Monitor, Taken, read
from telling import Teller
from tests.build import hour
from tests.desk import RULE, WATCH
from tests.extract.liveblog import FIRST, POSTS, SECOND, THIRD, URL, Post, described, page, script, shown
from tests.test_jobs import FEED, OUTLET, Day, Here, Web, feed

TOWN = Watch(id="town", name="Velmora", any=("Velmora",))
LATE = Post(at="14:20", name="block-d4", title="", body=("The number of dead has risen to 16, the police said.",))


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2025-08-01T{clock}:00+00:00")


def look(posts: Sequence[Post], clock: str, *, form: str = "described") -> Reading:
    forms = {"described": (described(posts), ""), "shown": (script([]), shown(posts))}
    head, body = forms[form]
    return read(page(head=head, body=body, fetched=at(clock).isoformat()), "en")


@dataclass
class Blog:
    """A live page that is looked at now and then; `since` is when its outlet was first looked at."""

    archive: Archive
    since: datetime | None = None
    watches: list[Watch] = field(default_factory=lambda: [WATCH, TOWN])

    def take(self, what: Reading, clock: str) -> Taken:
        teller = Teller(self.archive, watches=self.watches, rules=[RULE], outlet_names={})
        monitor = Monitor(self.archive, watches=self.watches, teller=teller, since=lambda _: self.since)
        return monitor.take(what, fetched=at(clock))

    def look(self, posts: Sequence[Post], clock: str, *, form: str = "described") -> Taken:
        return self.take(look(posts, clock, form=form), clock)

    def told(self) -> list[str]:
        return [delivery.alert.headline for delivery in self.archive.outbox.owed(at("23:00"))]

    def number(self, name: str) -> int:
        known = self.archive.texts.article(f"{URL}#{name}")
        return 0 if known is None else known.number


@pytest.fixture
def blog() -> Iterator[Blog]:
    archive = Archive.in_memory()
    yield Blog(archive=archive)
    archive.close()


def of_the_dead(taken: Taken) -> list[Change]:
    return [change for change in taken.changes if change.series.outcome is Outcome.KILLED]


def kinds(taken: Taken) -> list[Kind]:
    return [change.kind for change in of_the_dead(taken)]


@pytest.mark.parametrize("form", ["described", "shown"])
def test_entries_are_compared_in_the_order_of_their_times(blog: Blog, form: str) -> None:
    taken = blog.look(POSTS, "12:00", form=form)
    assert (taken.outcome, taken.detail) == (PageOutcome.LIVE_PAGE, "3 entries, 3 new or edited")
    assert kinds(taken) == [Kind.NEW, Kind.RAISED]
    assert [change.to.published for change in of_the_dead(taken)] == [at("07:40"), at("11:05")]


def test_the_order_of_the_entries_on_the_page_does_not_matter(blog: Blog) -> None:
    assert look(POSTS, "12:00").entries == look(tuple(reversed(POSTS)), "12:00").entries
    assert look(POSTS, "12:00", form="shown").entries == look(tuple(reversed(POSTS)), "12:00", form="shown").entries


def test_a_figure_of_an_entry_has_its_sentence_its_time_and_its_address(blog: Blog) -> None:
    first, _, third = look(POSTS, "12:00").entries
    for entry, phrase in ((first, "Three"), (third, "nine")):
        assert entry.article is not None
        text = entry.article.reading_text
        claim = next(
            claim
            for claim in entry.claims
            if claim.phrase == phrase and claim.sentence_start >= len(entry.article.title)
        )
        assert text[claim.start : claim.end] == phrase
        assert text[claim.sentence_start : claim.sentence_end].rstrip().endswith("the police said.")
    change = of_the_dead(blog.look(POSTS, "12:00"))[-1]
    assert change.to.article_url == f"{URL}#block-c3"
    assert change.to.quote == "The number of dead has risen to nine, the police said."


def test_a_second_look_takes_the_new_entry_only(blog: Blog) -> None:
    blog.look(POSTS, "12:00")
    again = blog.look((LATE, *POSTS), "15:00")
    assert again.detail == "4 entries, 1 new or edited"
    assert kinds(again) == [Kind.RAISED]
    assert [blog.number(name) for name in ("block-a1", "block-b2", "block-c3", "block-d4")] == [1, 1, 1, 1]


def test_a_look_at_the_same_entries_changes_nothing(blog: Blog) -> None:
    blog.look(POSTS, "12:00")
    before = blog.archive.queries.health()
    again = blog.look(POSTS, "13:00")
    assert (again.outcome, again.changes) == (PageOutcome.LIVE_PAGE, ())
    assert again.event is not None
    assert blog.archive.queries.health() == before


def test_an_edited_entry_is_a_new_revision_of_it_and_judged_as_an_edit(blog: Blog) -> None:
    blog.look(POSTS, "12:00")
    edited = replace(THIRD, body=(THIRD.body[0].replace("nine", "eleven"),))
    taken = blog.look((edited, SECOND, FIRST), "12:30")
    assert [blog.number(name) for name in ("block-a1", "block-b2", "block-c3")] == [1, 1, 2]
    (change,) = of_the_dead(taken)
    assert (change.kind, change.silent_edit) == (Kind.RAISED, True)
    assert change.previous is not None
    assert change.previous.quote == "The number of dead has risen to nine, the police said."


def test_an_entry_that_is_no_longer_shown_withdraws_nothing(blog: Blog) -> None:
    blog.look(POSTS, "12:00")
    assert blog.look((LATE,), "15:00").changes[0].kind is Kind.RAISED
    assert blog.look((LATE,), "16:00").changes == ()


def test_key_points_that_are_pinned_and_edited_repeat_what_was_told(blog: Blog) -> None:
    pinned = Post(at="07:00", name="key", title="What we know", body=("Three people were killed in Velmora.",))
    blog.look((pinned, FIRST), "08:00")
    told = blog.told()
    pinned = replace(pinned, body=("Three people were killed in Velmora, the police said.", "The dam holds."))
    taken = blog.look((pinned, SECOND, FIRST), "10:00")
    assert blog.number("key") == 2
    assert all(change.level is not Level.NOW for change in taken.changes)
    assert blog.told() == told


def test_an_entry_that_names_no_place_belongs_where_its_page_says(blog: Blog) -> None:
    bare = replace(FIRST, body=("Three people were killed, the police said.",), title="")
    events = {change.series.event for change in blog.look((LATE, THIRD, bare), "15:00").changes}
    assert len(events) == 1
    assert blog.archive.events.followers(*events) == {"all", "town"}


def test_entries_about_two_places_are_two_events(blog: Blog) -> None:
    one = Post(at="08:00", name="a", title="", body=("A strike killed 14 people in Orle, the governor said.",))
    two = Post(at="09:00", name="b", title="", body=("A ferry sank near Osk and 31 people drowned, rescuers said.",))
    taken = blog.look((two, one), "10:00")
    assert len({change.series.event for change in taken.changes}) == 2


def test_entries_from_before_the_outlet_was_first_looked_at_are_not_told(blog: Blog) -> None:
    blog.since = at("10:00")
    blog.look(POSTS, "12:00")
    assert [headline for headline in blog.told() if "killed" in headline] == [
        "Flood velmora · people killed 3 → 9 (+6, +200 %)"
    ]


def test_the_page_itself_is_kept_as_it_was_first_seen_and_states_no_figure(blog: Blog) -> None:
    blog.look(POSTS, "12:00", form="shown")
    blog.look((LATE, *POSTS), "15:00", form="shown")
    known = blog.archive.texts.article(URL)
    assert known is not None
    assert known.number == 1
    assert blog.archive.texts.text(known.revision_id).claims == ()


def test_an_entry_is_no_copy_of_its_page(blog: Blog) -> None:
    only = replace(FIRST, body=(*FIRST.body, "Neighbours had heard them call until the water reached the ceiling."))
    blog.look((only, replace(SECOND, body=("The dam holds.",))), "12:00", form="shown")
    known = blog.archive.texts.article(f"{URL}#block-a1")
    assert known is not None
    assert blog.archive.texts.first_of(known.revision_id) == []


async def test_a_visit_to_a_live_page_is_one_counted_fetch_and_the_page_is_due_again_soon() -> None:
    archive = Archive.in_memory()
    archive.polling.sync([OUTLET], hour(0))
    today = [replace(post, at=f"{hour(-2):%Y-%m-%d}T{post.at}:00Z") for post in POSTS]
    html = page(head=described(today)).body
    day = Day(web=Web({FEED: feed(URL), URL: html}), workers=Here(), archive=OnThread(archive))
    try:
        await day.poll()
        assert await day.visit() is PageOutcome.LIVE_PAGE
        assert dict(archive.queries.health().outcomes)["live_page"] == 1
        assert archive.polling.due_leads(hour(0.05), limit=9) == []
        assert [lead.key for lead in archive.polling.due_leads(hour(1), limit=9)] == [URL]
    finally:
        day.archive.close()


def test_a_live_page_without_entries_is_kept_as_one_text_and_none_of_its_figures_is_read(blog: Blog) -> None:
    body = "".join(f"<p>{post.at} {' '.join(post.body)}</p>" for post in POSTS)
    reading = read(page(head=script([]), body=body), "en")
    assert (reading.outcome, reading.entries, reading.claims) == (PageOutcome.LIVE_PAGE, (), ())
    taken = blog.take(reading, "18:00")
    assert (taken.outcome, taken.changes) == (PageOutcome.LIVE_PAGE, ())
    assert blog.archive.texts.article(URL) is not None
    assert blog.told() == []


def test_all_entries_of_a_page_are_kept_or_none(blog: Blog) -> None:
    reading = look(POSTS, "12:00")
    broken = replace(reading.entries[-1], claims=(object(),))  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        blog.take(replace(reading, entries=(*reading.entries[:-1], broken)), "12:00")
    assert blog.number("block-a1") == 0
    assert blog.look(POSTS, "12:30").detail == "3 entries, 3 new or edited"


def test_figures_without_end_are_read_from_the_newest_entries_only() -> None:
    many = ". ".join(f"{n} people were killed in a storm" for n in range(11, 240)) + "."
    start = at("08:00")
    posts = [
        replace(FIRST, name=f"n{n}x", title="", body=(many,), at=(start + timedelta(minutes=n)).isoformat())
        for n in range(40)
    ]
    entries = look(posts, "12:00").entries
    assert 0 < sum(len(entry.claims) for entry in entries) <= 1_000
    assert entries[-1].article is not None
    assert entries[-1].article.published == start + timedelta(minutes=39)
