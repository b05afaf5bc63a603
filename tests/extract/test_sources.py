from __future__ import annotations

import pytest

from extract.sources import canonical, is_agency, party


@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("SOHR", "Syrian Observatory for Human Rights"),
        ("the Syrian Observatory for Human Rights (SOHR)", "Syrian Observatory for Human Rights"),
        ("MSF", "Doctors Without Borders"),
        ("The U.N.", "United Nations"),
        ("Police Commissioner", "police"),
        ("the interior minister", "interior ministry"),
        ("Ministerio del Interior", "interior ministry"),
        ("Nations unies", "United Nations"),
        ("the Arle Valley Monitor", "Arle Valley Monitor"),
    ],
)
def test_one_body_has_one_name_whatever_it_is_called(name: str, one: str) -> None:
    assert canonical(name) == one


def test_the_canonical_name_of_a_canonical_name_is_itself() -> None:
    for name in ("Syrian Observatory for Human Rights", "police", "Gaza health ministry", "Arle Valley Monitor"):
        assert canonical(canonical(name)) == canonical(name)


def test_two_bodies_of_one_party_are_one_voice() -> None:
    assert party("UNICEF") == party("OCHA") == "United Nations"
    assert party("Arle Valley Monitor") == "Arle Valley Monitor"


def test_a_wire_agency_is_one_and_a_ministry_is_none() -> None:
    assert is_agency("AFP")
    assert not is_agency("Gaza health ministry")
    assert not is_agency("Arle Valley Monitor")
