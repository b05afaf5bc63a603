"""A small stream of our own: two ferries, a wire copy, an edit, two bodies that count, a stale recap."""

from __future__ import annotations

import json

_LEAD = (
    "A ferry sank off Port Vessel in the Marran Strait on Sunday morning as it carried traders home from the islands."
)
_FILLER = (
    "The Meridian Queen, built for calmer water, went down within minutes, said Tomas Arle, who swam to a boat.\n"
    "Divers from Quell and two naval launches searched the strait below the Harrow light until the tide turned.\n"
    "The owner of the line, Port Vessel Packet, said that the ship had passed her inspection in January."
)


def _line(name: str, hour: int, title: str, *sentences: str, outlet: str = "daily") -> str:
    article = {
        "id": f"{name}@{hour}",
        "url": f"https://{outlet}.example/{name}",
        "outlet": outlet,
        "published": f"2026-03-{8 + hour // 24:02}T{hour % 24:02}:00:00Z",
        "title": title,
        "text": "\n".join(sentences),
        "lang": "en",
    }
    return json.dumps(article)


STREAM = "\n".join(
    (
        _line(
            "ferry", 8, "Ferry sinks off Port Vessel", _LEAD, "At least 23 people died, the coastguard said.", _FILLER
        ),
        _line(
            "wire",
            9,
            "Dozens feared lost with the Meridian Queen",
            _LEAD,
            "At least 23 people died, the coastguard said.",
            _FILLER,
            outlet="herald",
        ),
        _line(
            "toll",
            15,
            "Toll of Port Vessel ferry rises to 31",
            "The Port Vessel ferry disaster killed 31 people, the Marran Coastguard said, and 12 are missing.",
            outlet="herald",
        ),
        _line(
            "hospital",
            17,
            "Hospital counts 40 dead of ferry",
            "The Meridian Queen that sank off Port Vessel on Sunday killed 40 people, Quell General Hospital said.",
            outlet="post",
        ),
        _line(
            "ferry", 20, "Ferry sinks off Port Vessel", _LEAD, "At least 33 people died, the coastguard said.", _FILLER
        ),
        _line(
            "mine",
            30,
            "Five killed in Hask mine",
            "A gallery of the silver mine at Hask fell in on Monday, killing five miners, the Hask police said.",
            outlet="post",
        ),
        _line(
            "again",
            96,
            "Two killed as ferry runs aground off Port Vessel",
            "A ferry ran aground off Port Vessel on Thursday morning, killing two people, the coastguard said.",
            "It was the second accident in the Marran Strait in a week, after one in which 40 people died on Sunday.",
        ),
        _line(
            "recap",
            100,
            "A week in the Marran Strait",
            "On Sunday, when the Meridian Queen sank off Port Vessel, the coastguard spoke of at least 23 dead.",
            outlet="herald",
        ),
    )
)
