"""The archive keeps what it is told, and nothing by halves."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.message import notice
from archive import Archive
from model import (
    AlertType,
    ArchiveError,
    Attempt,
    AttemptResult,
    DeliveryState,
    Lead,
    Listing,
    Outlet,
    PageOutcome,
    Polled,
    Via,
)
from tests.build import hour

OUTLET = Outlet(id="daily", name="The Daily", homepage="https://daily.example/", feeds=("https://daily.example/rss",))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    opened = Archive.open(tmp_path / "a" / "tollwatch.db")
    yield opened
    opened.close()


def lead(url: str, at: float = 0) -> Lead:
    return Lead(url=url, key=url, outlet="daily", via=Via.FEED, found=hour(at))


def polled(archive: Archive, listing: Listing, outcome: PageOutcome, at: float = 0) -> None:
    taught = Polled(
        outcome=outcome,
        detail="said so",
        new_leads=1,
        interval=timedelta(minutes=15),
        due=hour(at) + timedelta(minutes=15),
        body_hash="abc",
        validators=('"etag"', None),
        moved_to="https://daily.example/new-rss",
        gap=timedelta(hours=2),
    )
    archive.polling.record_poll(listing, taught, hour(at))


# ------------------------------------------------------------------------------------------------------ opening


def test_a_file_that_cannot_be_opened_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match=r"file.*cannot be opened.*writable file"):
        Archive.open(tmp_path / "file" / "tollwatch.db")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "tollwatch.db").write_text("not a database, but long enough to be read as a header of one" * 10)
    with pytest.raises(ArchiveError, match=r"tollwatch\.db"):
        Archive.open(tmp_path / "tollwatch.db")


def test_reading_an_archive_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="tollwatch once"):
        Archive.open_read_only(tmp_path / "nothing.db")


def test_two_writers_of_one_archive_are_one_too_many(tmp_path: Path) -> None:
    first = Archive.open(tmp_path / "tollwatch.db")
    with pytest.raises(ArchiveError, match="another tollwatch"):
        Archive.open(tmp_path / "tollwatch.db")
    first.close()
    Archive.open(tmp_path / "tollwatch.db").close()


def test_an_archive_is_read_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "tollwatch.db"
    writer = Archive.open(path)
    reader = Archive.open_read_only(path)
    with writer.atomic():
        writer.polling.sync([OUTLET], hour(0))
        assert reader.queries.listings() == []
    assert len(reader.queries.listings()) == 1
    reader.close()
    writer.close()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "tollwatch.db"
    Archive.open(path).close()
    reader = Archive.open_read_only(path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.polling.sync([OUTLET], hour(0))
    reader.close()


def test_what_is_done_together_is_kept_together_or_not_at_all(archive: Archive) -> None:
    def fail_halfway() -> None:
        with archive.atomic():
            archive.polling.sync([OUTLET], hour(0))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert archive.polling.due_listings(hour(1)) == []


# ------------------------------------------------------------------------------------------------------ polling


def test_a_new_outlet_is_due_at_once_and_a_known_one_when_it_was(archive: Archive) -> None:
    archive.polling.sync([OUTLET], hour(0))
    (listing,) = archive.polling.due_listings(hour(0))
    polled(archive, listing, PageOutcome.LISTED)
    archive.polling.sync([OUTLET], hour(0.1))
    assert archive.polling.due_listings(hour(0.2)) == []
    (again,) = archive.polling.due_listings(hour(0.3))
    assert (again.etag, again.body_hash, again.first_polled) == ('"etag"', "abc", hour(0))
    assert (again.moved_to, again.gap, again.last_news) == (
        "https://daily.example/new-rss",
        timedelta(hours=2),
        hour(0),
    )


def test_an_outlet_that_is_taken_out_is_not_polled_and_comes_back_with_its_history(archive: Archive) -> None:
    archive.polling.sync([OUTLET], hour(0))
    polled(archive, archive.polling.due_listings(hour(0))[0], PageOutcome.LISTED)
    archive.polling.sync([], hour(1))
    assert archive.polling.due_listings(hour(9)) == []
    archive.polling.sync([OUTLET], hour(2))
    assert archive.polling.due_listings(hour(9))[0].first_polled == hour(0)


def test_failures_are_counted_until_a_poll_succeeds(archive: Archive) -> None:
    archive.polling.sync([OUTLET], hour(0))
    for n in range(3):
        (listing,) = archive.polling.due_listings(hour(n + 1))
        assert listing.failures == n
        polled(archive, listing, PageOutcome.SERVER_ERROR, at=n + 1)
    polled(archive, archive.polling.due_listings(hour(9))[0], PageOutcome.NOT_MODIFIED, at=9)
    assert archive.polling.due_listings(hour(19))[0].failures == 0


def test_an_address_is_written_down_once(archive: Archive) -> None:
    assert archive.polling.add_leads([lead("https://daily.example/a")], hour(0), baseline=False) == 1
    assert archive.polling.add_leads([lead("https://daily.example/a")], hour(1), baseline=False) == 0


def test_an_address_waits_in_the_frontier_until_it_is_settled(archive: Archive) -> None:
    archive.polling.add_leads([lead("https://daily.example/a")], hour(0), baseline=False)
    assert [found.url for found in archive.polling.due_leads(hour(1), limit=9)] == ["https://daily.example/a"]
    archive.polling.settle_lead(
        "https://daily.example/a",
        outcome=PageOutcome.NEW_ARTICLE,
        article="https://daily.example/a",
        failed=False,
        due=hour(5),
    )
    assert archive.polling.due_leads(hour(4), limit=9) == []
    assert len(archive.polling.due_leads(hour(5), limit=9)) == 1


def test_new_addresses_go_before_articles_that_are_read_again(archive: Archive) -> None:
    known, new = lead("https://daily.example/known"), lead("https://daily.example/new")
    archive.polling.add_leads([known], hour(0), baseline=False)
    archive.polling.settle_lead(
        known.key, outcome=PageOutcome.NEW_ARTICLE, article=known.key, failed=False, due=hour(1)
    )
    archive.polling.add_leads([new], hour(2), baseline=False)
    assert [found.url for found in archive.polling.due_leads(hour(3), limit=9)] == [new.url, known.url]


def test_a_changed_address_with_a_known_guid_is_no_new_one_but_read_again(archive: Archive) -> None:
    before = replace(lead("https://daily.example/slug"), guid="daily:17")
    archive.polling.add_leads([before], hour(0), baseline=False)
    archive.polling.settle_lead(before.key, outcome=PageOutcome.NEW_ARTICLE, article=before.key, failed=False, due=None)
    after = replace(lead("https://daily.example/other-slug"), guid="daily:17")
    for _ in range(2):
        assert archive.polling.add_leads([after], hour(1), baseline=False) == 0
    (again,) = archive.polling.due_leads(hour(2), limit=9)
    assert (again.key, again.url) == (before.key, after.url)


def test_an_article_that_is_listed_at_two_addresses_for_good_is_read_anew_once(archive: Archive) -> None:
    one, two = (replace(lead(f"https://daily.example/{name}"), guid="daily:17") for name in ("news", "world"))
    archive.polling.add_leads([one], hour(0), baseline=False)
    read = 0
    for n in range(1, 9):
        for due in archive.polling.due_leads(hour(n), limit=9):
            read += 1
            archive.polling.settle_lead(due.key, outcome=PageOutcome.UNCHANGED, article=one.key, failed=False, due=None)
        archive.polling.add_leads([one if n % 2 else two], hour(n), baseline=False)
    assert read == 2


def test_a_guid_that_a_feed_gives_to_all_its_entries_joins_nothing(archive: Archive) -> None:
    same = [replace(lead(f"https://daily.example/{n}"), guid="daily") for n in range(3)]
    assert archive.polling.add_leads(same, hour(0), baseline=False) == 3


def test_outlets_take_turns_in_the_frontier(archive: Archive) -> None:
    many = [lead(f"https://daily.example/{n}") for n in range(5)]
    other = replace(lead("https://weekly.example/a"), outlet="weekly")
    archive.polling.add_leads([*many, other], hour(0), baseline=False)
    assert "weekly" in [found.outlet for found in archive.polling.due_leads(hour(1), limit=2)]


def test_the_next_allowed_time_of_a_host_survives_a_restart_while_it_lies_ahead(archive: Archive) -> None:
    archive.polling.keep_hosts({"a.example": hour(5), "b.example": hour(1)}, hour(2))
    assert archive.polling.hosts() == {"a.example": hour(5)}


# ------------------------------------------------------------------------------------------------------- outbox


def owe(archive: Archive, about: str, channels: list[str], at: float = 0) -> str:
    alert = notice(AlertType.TEST, about=about, headline=about, body="", created=hour(at))
    archive.outbox.owe(alert, channels, hour(at))
    return alert.key


def test_an_alert_is_owed_to_each_channel_once_however_often_it_is_owed(archive: Archive) -> None:
    for _ in range(2):
        owe(archive, "a", ["mail", "slack"])
    assert sorted(delivery.channel for delivery in archive.outbox.owed(hour(0))) == ["mail", "slack"]


def test_an_alert_comes_back_from_the_archive_as_it_was(archive: Archive) -> None:
    alert = notice(AlertType.TEST, about="x", headline="Über “quotes” ✓", body="b", created=hour(0))
    archive.outbox.owe(alert, ["mail"], hour(0))
    assert archive.outbox.owed(hour(0))[0].alert == alert


def test_a_delivered_alert_is_not_owed_and_a_failed_one_when_it_may_be_tried(archive: Archive) -> None:
    owe(archive, "a", ["mail", "slack"])
    mail, slack = sorted(archive.outbox.owed(hour(0)), key=lambda delivery: delivery.channel)
    archive.outbox.record(mail, Attempt(result=AttemptResult.DELIVERED), DeliveryState.DELIVERED, None, hour(0))
    failed = Attempt(result=AttemptResult.FAILED, detail="no answer")
    archive.outbox.record(slack, failed, DeliveryState.OWED, hour(1), hour(0))
    assert archive.outbox.owed(hour(0.5)) == []
    (again,) = archive.outbox.owed(hour(1))
    assert (again.channel, again.attempts) == ("slack", 1)


def test_what_piles_up_for_one_channel_hides_nothing_that_another_is_owed(archive: Archive) -> None:
    for number in range(5):
        owe(archive, str(number), ["down"])
    owe(archive, "last", ["down", "mail"])
    owed = archive.outbox.owed(hour(0), limit=3)
    assert [delivery.channel for delivery in owed] == ["down", "down", "down", "mail"]


def test_what_is_owed_to_a_channel_that_is_gone_is_given_up_visibly(archive: Archive) -> None:
    owe(archive, "a", ["mail", "gone"])
    archive.outbox.drop_channels(["mail"])
    assert [delivery.channel for delivery in archive.outbox.owed(hour(0))] == ["mail"]
    (row,) = [row for row in archive.queries.alerts(9) if row["channel"] == "gone"]
    assert (row["state"], row["last_error"]) == ("dead", "the channel is no longer configured")
