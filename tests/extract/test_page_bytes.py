"""A page may be any bytes at all: letters come out right, and nothing makes the reader raise or run for ever."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.text import read_article
from model import ArticleKind
from tests.extract.paper import GERMAN, RUSSIAN, article, page


@pytest.mark.parametrize(
    ("declared", "encoding", "header"),
    [
        ("windows-1251", "windows-1251", None),
        ("utf-8", "windows-1251", "windows-1251"),
        ("", "koi8-r", "koi8-r"),
        ("windows-1251", "utf-8", None),
        ("", "utf-8", "iso-8859-1"),
        ("", "utf-8-sig", None),
        ("", "utf-16", None),
    ],
)
def test_letters_come_out_right_in_any_encoding(declared: str, encoding: str, header: str | None) -> None:
    head = f"<head><meta charset='{declared}'><title>Пожар в порту</title></head>"
    html = f"<html lang='ru'>{head}<body>{RUSSIAN}</body></html>"
    read = read_article(page(html.encode(encoding), encoding=header))
    assert read.title == "Пожар в порту"
    assert "четыре человека погибли" in read.text


def test_western_letters_need_no_declaration() -> None:
    html = f"<html lang='de'><body>{GERMAN}</body></html>"
    assert "nördliche Mauer auf den Kai stürzte" in read_article(page(html.encode("latin-1"))).text


def test_one_broken_byte_does_not_spoil_a_page() -> None:
    html = article(html='<html lang="de">', body=GERMAN * 5).encode()
    assert "nördliche" in read_article(page(html[:-20] + b"\xff" + html[-20:])).text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n ",
        b"\0" * 1000,
        b"<",
        b"<!--",
        b"<html><head></head></html>",
        b"%PDF-1.7 \xe2\xe3\xcf\xd3",
        b"<html><script type='application/ld+json'>" + b"[" * 200_000,
        b"<html><script type='application/ld+json'>" + b'{"@graph":[' * 20_000,
        b"<html><script type='application/ld+json'>{\"datePublished\": " + b"9" * 5000 + b"}</script>",
    ],
)
def test_what_is_no_page_has_no_text(body: bytes) -> None:
    assert read_article(page(body)).kind is ArticleKind.NO_TEXT


@pytest.mark.parametrize(
    "tag", [b"<p>word", b"<div><b>x", b"<br>x", b"<td>x</td>", b"<a href=/x>some words of a link</a>"]
)
def test_a_megabyte_of_tags_is_read_in_bounds(tag: bytes) -> None:
    read = read_article(page(b"<html><body>" + tag * (1_000_000 // len(tag))))
    assert len(read.text) <= 500_000


@given(
    st.one_of(
        st.binary(max_size=300), st.text(alphabet='<>/="apdivh1scriptmeta &;{}[]:\0é', max_size=300).map(str.encode)
    )
)
@settings(max_examples=60, deadline=None)
def test_no_bytes_make_the_reader_raise(body: bytes) -> None:
    for whole in (body, b"<html><body><article>" + body, b'<html><script type="application/ld+json">' + body):
        assert read_article(page(whole)).outlet == "lamp"


@given(
    url=st.one_of(st.text(max_size=40), st.text(max_size=40).map("https://lamp.example/".__add__)),
    encoding=st.one_of(
        st.text(max_size=12), st.sampled_from(["punycode", "unicode_escape", "base64", "utf-7", "idna"])
    ),
)
@settings(max_examples=40, deadline=None)
def test_no_address_or_header_makes_the_reader_raise(url: str, encoding: str) -> None:
    assert read_article(page(article().encode() + b"\xff", url=url, encoding=encoding)).outlet == "lamp"
