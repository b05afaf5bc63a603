"""How a robots.txt is read, and for how long it is believed."""

from __future__ import annotations

import pytest

from crawler.answers import Answer, Failed
from crawler.robots import Robots, read_robots, rules_of
from model import PageOutcome


def answer(status: int = 200, body: bytes = b"") -> Answer:
    return Answer(url="http://host.example/robots.txt", status=status, headers=(), body=body)


class Server:
    """Gives one answer after another, and counts."""

    def __init__(self, *answers: Answer | Failed) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, url: str) -> Answer:
        self.asked += 1
        assert url == "http://host.example/robots.txt"
        given = self.answers.pop(0)
        if isinstance(given, Failed):
            raise given
        return given


class Clock:
    def __init__(self) -> None:
        self.hours = 0.0

    def __call__(self) -> float:
        return self.hours * 3600


ORIGIN = "http://host.example"
CLOSED = answer(body=b"User-agent: *\nDisallow: /")


async def test_rules_are_read_again_after_six_hours() -> None:
    server, clock = Server(CLOSED, answer()), Clock()
    robots = Robots(server, clock=clock)
    assert (await robots.rules(ORIGIN)).failure_for(f"{ORIGIN}/a") is not None
    clock.hours = 5.9
    assert (await robots.rules(ORIGIN)).failure_for(f"{ORIGIN}/a") is not None
    clock.hours = 6.1
    assert (await robots.rules(ORIGIN)).failure_for(f"{ORIGIN}/a") is None
    assert server.asked == 2


async def test_a_failure_is_believed_for_ten_minutes() -> None:
    server, clock = Server(answer(503), answer()), Clock()
    robots = Robots(server, clock=clock)
    assert (await robots.rules(ORIGIN)).failure_for(f"{ORIGIN}/a") is not None
    clock.hours = 0.2
    assert (await robots.rules(ORIGIN)).failure_for(f"{ORIGIN}/a") is None


@pytest.mark.parametrize("failing", [answer(500), Failed(PageOutcome.TIMED_OUT, "no answer in time")])
async def test_while_a_server_falters_its_last_rules_stand_for_a_day(failing: Answer | Failed) -> None:
    clock = Clock()
    robots = Robots(Server(answer(body=b"User-agent: *\nDisallow: /x"), failing, failing), clock=clock)
    await robots.rules(ORIGIN)
    clock.hours = 7
    rules = await robots.rules(ORIGIN)
    assert rules.failure_for(f"{ORIGIN}/a") is None
    assert rules.failure_for(f"{ORIGIN}/x") is not None
    clock.hours = 25
    assert (await robots.rules(ORIGIN)).failure_for(f"{ORIGIN}/a") is not None


@pytest.mark.parametrize(("text", "delay"), [("5", 5), ("0.5", 0.5), ("86400", 60), ("-1", 0), ("soon", 0), ("nan", 0)])
def test_a_crawl_delay_is_kept_within_reason(text: str, delay: float) -> None:
    assert rules_of(answer(body=f"User-agent: *\nCrawl-delay: {text}".encode()), 0).delay == delay


def test_the_group_that_names_us_goes_before_the_group_for_all() -> None:
    rules = rules_of(answer(body=b"User-agent: *\nDisallow: /\n\nUser-Agent: Tollwatch\nAllow: /\nDisallow: /x"), 0)
    assert rules.failure_for(f"{ORIGIN}/a") is None
    assert rules.failure_for(f"{ORIGIN}/x") is not None


def test_the_groups_of_others_do_not_concern_us() -> None:
    rules = rules_of(answer(body=b"User-agent: otherbot\nUser-agent: somebot # both\nDisallow: /"), 0)
    assert rules.failure_for(f"{ORIGIN}/a") is None


def test_a_group_shared_with_others_concerns_us() -> None:
    rules = rules_of(answer(body=b"User-agent: otherbot\nUser-agent: *\nDisallow: /"), 0)
    assert rules.failure_for(f"{ORIGIN}/a") is not None


def test_sitemaps_are_named() -> None:
    rules = rules_of(answer(body=b"Sitemap: https://host.example/news.xml\nUser-agent: *\nDisallow:"), 0)
    assert rules.sitemaps == ("https://host.example/news.xml",)


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe\x00garbage",
        b"<html><body>Not found</body></html>",
        b"\xef\xbb\xbfUser-agent: nobody\r\rDisallow: /",
        b"Disallow: /" * 50_000,
        b"".join(b"User-agent: bot%d\n" % n for n in range(12_000)) + b"Disallow: /a\n" * 12_000,
        "".join(f"User-agent: bot{n}\u2028" for n in range(12_000)).encode() + b"Disallow: /a\r" * 12_000,
        b"User-agent: nobody\nDisallow: /" + b"*a" * 200_000,
    ],
)
def test_a_strange_robots_is_read_all_the_same(body: bytes) -> None:
    assert read_robots(body).can_fetch(f"{ORIGIN}/" + "a" * 2000, "Tollwatch")
