"""What an HTTP answer means for a delivery, and what may be said of it."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from alerts.channels.post import pause, verdict
from alerts.channels.secrecy import detail
from config.values import Secret
from model import AttemptResult
from tests.alerts.samples import NOON


@pytest.mark.parametrize(
    ("result", "statuses"),
    [
        (AttemptResult.DELIVERED, [200, 201, 202, 204]),
        (AttemptResult.REFUSED, [400, 401, 403, 404, 405, 410, 413, 422, 451]),
        (AttemptResult.FAILED, [301, 302, 307, 308, 408, 425, 429, 500, 502, 503, 504, 520]),
    ],
)
def test_a_status_is_delivered_refused_or_tried_again(result: AttemptResult, statuses: list[int]) -> None:
    assert {verdict(status) for status in statuses} == {result}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("1.5", 1.5),
        ("-3", 0),
        ("Mon, 04 May 2026 12:02:00 GMT", 120),
        ("Mon, 04 May 2026 11:00:00 GMT", 0),
        ("1e400", None),
        ("nan", None),
        ("soon", None),
        ("Mon, 04 May 2026 12:02:00 -0000", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str | None, seconds: float | None) -> None:
    assert pause(header, NOON) == (None if seconds is None else timedelta(seconds=seconds))


def test_a_retry_after_of_a_million_years_does_no_harm() -> None:
    assert pause("1e300", NOON) == timedelta(days=365)


def test_a_secret_is_hidden_whole_and_in_its_telling_pieces() -> None:
    secret = Secret("https://hooks.chat.example/services/T0AB/B0CD/x%2Fyz99", origin="SLACK_URL")
    words = "no T0AB at /services/T0AB/B0CD/x%2Fyz99, nor x/yz99, says hooks.chat.example"
    assert detail(words, [secret]) == "no … at …, nor …, says hooks.chat.example"


def test_a_detail_is_short_and_on_one_line() -> None:
    assert detail("a\r\nb " + "x" * 1000).startswith("a b x")
    assert len(detail("x" * 1000)) == 300


@pytest.mark.parametrize(
    ("address", "says", "shown"),
    [
        ("ntfy://quiet-topic", "no quiet-topic here", "no … here"),
        ("tgram://123456:AAfff/-1001", "bot 123456:AAfff or AAfff, chat -1001", "bot … or …, chat …"),
        ("json://me:letmein@desk.example/in", "letmein at desk.example", "… at desk.example"),
        ("https://hooks.chat.example/services/T0AB/key", "the services are down", "the services are down"),
        ("https://chat.example/x?token=s3cr3t&format=text", "s3cr3t is no token", "… is no token"),
    ],
)
def test_of_an_address_what_is_telling_is_hidden(address: str, says: str, shown: str) -> None:
    assert detail(says, [Secret(address, origin="URL")]) == shown


def test_a_secret_is_hidden_where_it_is_repeated_in_base64() -> None:
    login = base64.b64encode(b"\0alerts\0open sesame").decode()
    words = f"535 cannot read {login} nor QWxhZGRpbg=="
    assert detail(words, [Secret("open sesame", origin="P")]) == "535 cannot read … nor QWxhZGRpbg=="
