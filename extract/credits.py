"""Which wire agency or partner a text is credited to, as the text names it."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Names that mean the agency wherever they stand as words in a byline.
AGENCIES = (
    "Agence France-Presse", "AFP", "Thomson Reuters", "Reuters", "The Associated Press", "Associated Press",
    "Deutsche Presse-Agentur", "dpa", "Press Trust of India", "PTI", "Asian News International", "ANI", "IANS",
    "Xinhua", "Interfax-Ukraine", "Interfax", "TASS", "RIA Novosti", "Kyodo News", "Kyodo", "Jiji Press", "Yonhap",
    "Anadolu Agency", "Anadolu Ajansı", "Anadolu", "Press Association", "PA Media", "United Press International", "UPI",
    "The Canadian Press", "Canadian Press", "La Presse canadienne", "Australian Associated Press", "AAP",
    "Keystone-SDA", "Belga", "Ritzau", "Efe", "EFE", "Europa Press", "ANSA", "Adnkronos", "AGI", "Lusa",
    "Agência Brasil", "Agência Lusa", "Estadão Conteúdo", "Télam", "Notimex", "Prensa Latina", "PAP", "ČTK", "MTI",
    "Agerpres", "Tanjug", "Hina", "Ukrinform", "UNIAN", "SANA", "IRNA", "Fars News Agency", "Mehr News Agency", "WAFA",
    "MENA", "KUNA", "Saudi Press Agency", "Emirates News Agency", "WAM", "National News Agency",
    "News Agency of Nigeria", "Ghana News Agency", "Antara", "Bernama", "Associated Press of Pakistan", "APP", "BSS",
    "UNB", "KCNA", "Central News Agency", "epd", "KNA", "Bloomberg", "Radio Free Europe/Radio Liberty", "RFE/RL",
    "Thomson Reuters Foundation", "The Conversation", "States Newsroom", "Tribune News Service", "Sputnik",
)  # fmt: skip
# Names that are ordinary words or initials elsewhere: an agency only where they are the whole of a byline.
WHOLE_BYLINES = (
    "AP", "PA", "AA", "TT", "NTB", "STT", "ANP", "APA", "SDA", "sda", "ATS", "ats", "SID", "UNI", "BTA", "NNA", "SPA",
    "NAN", "GNA", "CP", "MTI", "KAP", "epa", "Petra",
)  # fmt: skip
NAME = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(AGENCIES, key=len, reverse=True)))
BYLINE_PARTS = re.compile(r"\s*(?:[,;/|+&•·()]|\band\b|\bwith\b|\bund\b|\bmit\b|\bet\b|\by\b|\bvia\b|\bfor\b)\s*")
LEAD_IN = re.compile(
    r"^(?:by|von|par|por|di|source|quelle|fonte|fuente|©|\(c\)|copyright)[:\s]*(?:\d{4}\s+)?(?:the\s+)?", re.I
)

PLACE = r"[A-ZÀ-ÖØ-Þ][\w.'’-]*(?:[\s/,]+(?:[\w.'’-]+)){0,6}?"
DATELINE = re.compile(rf"^(?:{PLACE}[\s,:–—-]*)?\((?P<name>[A-Z][\w./ ’'-]{{1,38}})\)\s*(?:[-–—:]|\|)")
LATIN_DATELINE = re.compile(
    r"^\W{0,2}(?P<name>AFP|dpa|AP|APA|Reuters|PTI|ANI|IANS|EFE|ANSA|SDA|epd|KNA)\W{0,2}\s*[-–—:]\s"
)
SIGN_OFF = re.compile(
    r"\((?P<name>[A-Za-z][\w./ -]{1,38})\)\W{0,3}$"
    r"|(?:^|[.!?”\"]\s+)[–—-]{1,2}\s*(?P<dashed>[A-Z][\w./ -]{1,38})\W{0,2}$"
)
SHARED = re.compile(r"\bwith (?:files|reporting|reports|information)\b", re.IGNORECASE)  # the outlet's text, with help

LINES_AT_END = 3  # a sign-off is followed by a note on the authors at most


def read_credit(makers: Iterable[str], text: str) -> str | None:
    """The agency that `text` is credited to: by its dateline, its sign-off, or one of the named `makers`.

    The text's own word comes first: a page's metadata often names the agency of its picture.
    """
    return _dateline(text) or _sign_off(text) or next(filter(None, map(agency_in, makers)), None)


def agency_in(byline: str) -> str | None:
    """The agency that a byline names, as it names it, else None."""
    if SHARED.search(byline):
        return None
    match = NAME.search(byline)
    if match:
        return match[0]
    parts = BYLINE_PARTS.split(LEAD_IN.sub("", byline.strip()))
    return next((part for part in parts if part in WHOLE_BYLINES), None)


def _dateline(text: str) -> str | None:
    for line in text.split("\n", 3)[:3]:
        match = DATELINE.match(line) or LATIN_DATELINE.match(line)
        if match and (name := agency_in(match["name"])):
            return name
    return None


def _sign_off(text: str) -> str | None:
    for line in reversed(text.rsplit("\n", LINES_AT_END)[-LINES_AT_END:]):
        match = SIGN_OFF.search(line[-60:])
        if match and (name := agency_in(match["name"] or match["dashed"])):
            return name
    return None
