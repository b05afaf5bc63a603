"""Where texts lie on the board, whatever order they come in."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

from extract import events
from extract.board import KNOWN_BY, REPLACED, Board, Entry
from model import Claim
from tests.build import article, claim, hour

FERRY = "A ferry sank off Port Vessel in the Marran Strait on Sunday morning as it carried traders from the islands."
MINE = "A gallery of the silver mine at Hask fell in on Sunday evening, the third such accident there in two years."


def entry(number: int, text: str, *said: Claim, at: float, pinned: str | None = None) -> Entry:
    told = article(text, title=text[:40], url=f"https://{number}.example/", at=at)
    return Entry(
        revision_id=number,
        order=(hour(at), told.url, 1),
        event_id=f"event-{number}",
        profile=events.profile_of(told, said),
        below=events.below_head(told, said),
        opens=bool(said),
        pinned=pinned,
    )


def lie(board: Board, *numbers: int) -> list[set[int]]:
    """The texts that lie together."""
    places: dict[str | None, set[int]] = {}
    for number in numbers:
        place = board.place_of(number)
        assert place is not None
        places.setdefault(place.event, set()).add(number)
    return sorted(places.values(), key=min)


def test_texts_of_one_happening_lie_together_in_any_order_of_arrival() -> None:
    texts = [
        entry(1, FERRY, claim(23), at=0),
        entry(2, MINE, claim(5), at=1),
        entry(3, f"{FERRY} Divers came.", claim(31), at=2),
        entry(4, f"{MINE} Nobody is missing.", claim(6), at=3),
    ]
    for order in permutations(texts):
        board = Board()
        for one in order:
            board.place(one)
        assert lie(board, 1, 2, 3, 4) == [{1, 3}, {2, 4}]


def test_an_event_keeps_its_id_when_an_earlier_text_comes_late() -> None:
    board = Board()
    board.place(entry(2, FERRY, claim(23), at=5))
    placed = board.place(entry(1, FERRY, claim(20), at=0))
    assert (placed.place.event, placed.moved) == ("event-2", {})


def test_a_late_text_disturbs_no_event_with_many_later_ones() -> None:
    board = Board()
    for number in range(2, REPLACED + 4):
        board.place(entry(number, f"{FERRY} It was the {number}th report.", claim(20 + number), at=number))
    placed = board.place(entry(1, FERRY, claim(20), at=0))
    assert (placed.place.event, placed.moved) == ("event-2", {})


def test_an_event_is_known_by_its_latest_originals_only() -> None:
    board = Board()
    for number in range(1, KNOWN_BY + 20):
        board.place(entry(number, f"{FERRY} It was the {number}th report.", claim(100 + number), at=number))
    (event,) = board._events.values()
    assert len(event.profile.figures) == KNOWN_BY


def test_a_pinned_text_lies_where_a_person_put_it() -> None:
    board = Board()
    board.place(entry(1, FERRY, claim(23), at=0))
    board.place(entry(2, FERRY, claim(31), at=1, pinned="by-hand"))
    assert lie(board, 1, 2) == [{1}, {2}]


def test_what_nobody_wrote_about_for_long_is_let_go() -> None:
    board = Board()
    board.place(entry(1, FERRY, claim(23), at=0))
    board.forget_before(hour(0) + timedelta(days=1))
    assert board.place(entry(2, FERRY, claim(31), at=48)).opened


def test_an_event_is_found_by_the_words_of_its_latest_texts_and_leaves_none_behind_when_it_is_over() -> None:
    board = Board()
    board.place(entry(1, f"{FERRY} The Halvorsen inquiry begins in Tarkhill.", claim(23), at=0))
    for n in range(KNOWN_BY + REPLACED):
        board.place(entry(2 + n, f"{FERRY} Divers went down for the {n}th time.", claim(24 + n), at=1 + n))
    board.forget_before(hour(1_000))
    late = entry(
        900, "The Halvorsen inquiry in Tarkhill has heard its first witness of the Marran Strait.", claim(3), at=9_000
    )
    assert board.place(late).opened
