"""What an edit changed."""

from __future__ import annotations

from extract.edits import Edit, edits

OLD = "A ferry sank off Orle. At least 19 people died, police said. It was calm."


def test_a_changed_number_is_one_changed_sentence() -> None:
    new = OLD.replace("19", "21")
    assert list(edits(OLD, new)) == [
        Edit(old="At least 19 people died, police said.", new="At least 21 people died, police said.")
    ]


def test_a_sentence_that_was_struck_and_one_that_was_added() -> None:
    new = OLD.replace("It was calm.", "Divers came from Hask on Monday morning.")
    assert list(edits(OLD, new)) == [
        Edit(old="", new="Divers came from Hask on Monday morning."),
        Edit(old="It was calm.", new=""),
    ]


def test_the_same_text_has_no_edits() -> None:
    assert list(edits(OLD, OLD)) == []
