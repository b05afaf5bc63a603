"""Is a text a copy of one already seen?"""

from __future__ import annotations

from extract.echo import SKETCH_SIZE, copied_by, keys, share, sketch
from model import KnownText
from tests.build import article, hour

WIRE = (
    "At least 23 people were killed and 61 injured when a ferry sank off Port Vessel, the coastguard said on Sunday. "
    "The boat was on its way home from the islands with traders and their goods when it began to list in high waves. "
    "Fishermen pulled dozens out of the water before the first patrol boat arrived an hour later. "
    "The owner, whose licence had lapsed in March, was questioned by police in the harbour office until the evening."
)
OTHER = (
    "A ferry with more than a hundred people aboard has gone down near Port Vessel. Survivors told this newspaper of "
    "screams and of a long wait in the dark. Relatives gathered on the quay, where a list of names was read out twice. "
    "Flags will fly at half-mast on Monday, and the regatta has been put off. A priest said prayers by the water."
)


def known(text: str, at: float = 0, url: str = "https://one.example/") -> KnownText:
    return KnownText(revision_id=1, url=url, stated=hour(at), sketch=sketch(article(text)))


def test_a_copy_is_found_whatever_its_numbers() -> None:
    changed = sketch(article(WIRE.replace("23", "41").replace("61", "137")))
    assert copied_by(changed, [known(WIRE)])


def test_a_copy_cut_short_with_another_headline_is_still_a_copy() -> None:
    cut = article(WIRE.rsplit(". ", 1)[0] + ". (With agencies)", title="Ferry disaster shakes the coast")
    assert copied_by(sketch(cut), [known(WIRE)])


def test_another_report_of_the_same_event_is_no_copy() -> None:
    assert not copied_by(sketch(article(OTHER)), [known(WIRE)])


def test_the_first_is_the_earliest_published() -> None:
    early, late = known(WIRE, at=0, url="https://early.example/"), known(WIRE, at=5, url="https://late.example/")
    found = copied_by(sketch(article(WIRE)), [late, early])
    assert [text.url for text in found] == ["https://early.example/", "https://late.example/"]


def test_a_text_of_a_few_words_is_never_called_a_copy() -> None:
    assert sketch(article("Twelve dead in ferry accident.")) == ()
    assert share((), ()) == 0.0


def test_a_sketch_is_small_whatever_the_text() -> None:
    long = sketch(article(" ".join(f"word{n} follows word{n + 1}" for n in range(5_000))))
    assert len(long) == SKETCH_SIZE
    assert len(keys(long)) < SKETCH_SIZE
