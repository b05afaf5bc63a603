"""The command line as people and programs call it: in a process of its own, by its output and its exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from archive import Archive
from cli.replaying import read_entries
from model import Rule, Watch
from monitor import Monitor, read_claims_of
from telling import Teller

ROOT = Path(__file__).resolve().parents[2]
SENTENCE = "At least 23 people were killed and 61 injured when a ferry sank, the coastguard said on Sunday."
STORY = [
    {
        "id": str(n),
        "url": f"https://one.example/{n}",
        "outlet": "one",
        "published": f"2026-03-08T{8 + n * 6:02}:00:00Z",
        "title": "Ferry sinks off Port Vessel",
        "text": f"A ferry sank off Port Vessel in the Marran Strait. {toll} people were killed, the coastguard said.",
        "lang": "en",
    }
    for n, toll in enumerate(("Twenty-three", "Forty-one"))
]


def tollwatch(*arguments: str, given: str = "", folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        input=given,
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        check=False,
    )


def jsonl(*objects: object) -> str:
    return "".join(json.dumps(one) + "\n" for one in objects)


def test_claims_of_lines_come_back_in_order_a_line_each() -> None:
    asked = [
        {"id": n, "text": SENTENCE if n else "Nothing happened.", "published": None, "lang": None} for n in range(3)
    ]
    answered = tollwatch("claims", "--jsonl", given=jsonl(*asked))
    answers = [json.loads(line) for line in answered.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == [0, 1, 2]
    assert [len(answer["claims"]) for answer in answers] == [0, 2, 2]
    first = answers[1]["claims"][0]
    assert (SENTENCE[first["start"] : first["end"]], first["low"], first["high"]) == ("23", 23, None)


def test_claims_of_a_text_show_the_number_in_its_sentence(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(SENTENCE, encoding="utf-8")
    shown = tollwatch("claims", str(tmp_path / "story.txt"))
    assert shown.returncode == 0
    assert "At least ▸23◂ people were killed" in shown.stdout


def test_claims_of_an_html_file_are_those_of_its_article(tmp_path: Path) -> None:
    body = (
        f"<html lang=en><body><nav>99 killed</nav><article><h1>Ferry</h1><p>{SENTENCE}</p>" + "<p>More words.</p>" * 9
    )
    (tmp_path / "page.html").write_text(f"<!doctype html>{body}</article></body></html>", encoding="utf-8")
    shown = tollwatch("claims", str(tmp_path / "page.html"))
    assert "▸23◂" in shown.stdout


def test_a_text_without_claims_says_so() -> None:
    assert "no casualty claim" in tollwatch("claims", given="Shares fell by 23 points.").stdout


def test_explained_claims_show_for_each_number_why_it_is_one_or_none(tmp_path: Path) -> None:
    story = f"{SENTENCE}\nIn 1998 nine lorries were lost."
    (tmp_path / "story.txt").write_text(story, encoding="utf-8")
    shown = tollwatch("claims", "--explain", str(tmp_path / "story.txt"))
    assert shown.returncode == 0, shown.stderr
    assert "At least ▸23◂ people were killed and ▸61◂ injured when a ferry sank" in shown.stdout
    rows = [" ".join(row.split()) for row in shown.stdout.splitlines()]
    assert "outcome: killed “killed”, whose subject it is" in rows
    assert "qualifier: at least “At least”" in rows
    assert "source: coastguard “the coastguard said”" in rows
    assert "1998 no claim is a date" in rows
    assert "nine no claim counts “lorries”, which are not people" in rows
    assert rows[-1] == "numbers: 4, casualty claims: 2"


def test_a_text_without_numbers_or_without_a_reader_for_its_language_says_so(tmp_path: Path) -> None:
    assert "no number found" in tollwatch("claims", "--explain", given="Nothing happened.").stdout
    (tmp_path / "page.html").write_text(
        "<!doctype html><html lang=de><body><article><h1>Fähre</h1>"
        + "<p>Bei dem Unglück starben 12 Menschen.</p>" * 9,
        encoding="utf-8",
    )
    shown = tollwatch("claims", "--explain", str(tmp_path / "page.html"))
    assert "no reader for the language 'de'" in shown.stdout


def test_explained_claims_in_json_name_the_claim_of_each_number() -> None:
    answer = json.loads(tollwatch("claims", "--explain", "--json", given=SENTENCE + " She is 54 years old.").stdout)
    first, second, age = answer["numbers"]
    assert answer["text"].startswith(SENTENCE)
    assert (first["claim"], second["claim"], age["claim"]) == (0, 1, None)
    assert answer["claims"][second["claim"]]["start"] == second["start"]
    assert (first["grounds"]["outcome"], first["reason"]) == ("“killed”, whose subject it is", None)
    assert (age["kind"], age["grounds"], age["reason"]) == ("age", None, "is an age")


def test_explained_lines_have_the_claims_of_plain_ones_and_their_numbers() -> None:
    lines = jsonl(
        *({"id": n, "text": text, "lang": lang} for n, (text, lang) in enumerate([(SENTENCE, "en"), ("5", "xx")]))
    )
    plain = [json.loads(line) for line in tollwatch("claims", "--jsonl", given=lines).stdout.splitlines()]
    told = [json.loads(line) for line in tollwatch("claims", "--jsonl", "--explain", given=lines).stdout.splitlines()]
    assert [{"id": one["id"], "claims": one["claims"]} for one in told] == plain
    assert [len(one["numbers"]) for one in told] == [2, 0]


def test_claims_in_json_are_one_object_with_the_text_that_their_places_refer_to() -> None:
    answer = json.loads(tollwatch("claims", "--json", given=SENTENCE).stdout)
    assert set(answer) == {"text", "claims"}
    assert [answer["text"][claim["start"] : claim["end"]] for claim in answer["claims"]] == ["23", "61"]


def test_replay_writes_a_line_for_each_verdict() -> None:
    replayed = tollwatch("replay", "--jsonl", given=jsonl(*STORY))
    first, second = (json.loads(line) for line in replayed.stdout.splitlines())
    assert (first["kind"], first["alert"], first["from"]) == ("new", True, None)
    assert (second["kind"], second["from"]["low"], second["to"]["low"]) == ("raised", 23, 41)
    assert second["previous_quote"] == "Twenty-three people were killed, the coastguard said."


def test_replay_reads_a_short_text_of_no_given_language_as_claims_does() -> None:
    short = {**STORY[0], "text": "Twelve died.", "lang": None}
    (told,) = (json.loads(line) for line in tollwatch("replay", "--jsonl", given=jsonl(short)).stdout.splitlines())
    assert told["to"]["low"] == 12


def test_replay_for_people_tells_what_would_be_told() -> None:
    shown = tollwatch("replay", given=jsonl(*STORY)).stdout
    assert "people killed Twenty-three → Forty-one (raised;" in shown


@pytest.mark.parametrize(
    ("arguments", "given", "says"),
    [
        (["replay"], "{broken\n", "line 1: is no JSON"),
        (["replay"], '{"id": "a"}\n', "lacks url, outlet, text"),
        (["replay"], jsonl({**STORY[0], "published": "yesterday"}), "has a time that cannot be read (yesterday)"),
        (["claims", "--jsonl"], "[]\n", "line 1: is no JSON object with id and text"),
        (["claims", "no-such-file.txt"], "", "no-such-file.txt: cannot be read"),
        (["claims", "--explain", "no-such-file.txt"], "", "no-such-file.txt: cannot be read"),
        (["claims", "--json", "--jsonl"], "", "give --json (one text) or --jsonl (a text a line), not both"),
        (["claims", "--jsonl", "https://one.example/"], "", "a web address holds no JSON Lines; leave out --jsonl"),
        (["once", "--config", "no-such-config.toml"], "", "no-such-config.toml"),
        (["nonsense"], "", "nonsense"),
        (["search"], "", "Missing argument"),
    ],
)
def test_wrong_use_ends_with_two_and_one_sentence(arguments: list[str], given: str, says: str) -> None:
    ended = tollwatch(*arguments, given=given)
    assert ended.returncode == 2
    assert says in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "Traceback" not in ended.stderr


def test_asking_before_anything_was_archived_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text((ROOT / "config.toml").read_text(encoding="utf-8"), encoding="utf-8")
    ended = tollwatch("status", folder=tmp_path)
    assert ended.returncode == 1
    assert "tollwatch once" in ended.stderr


def test_the_shipped_configuration_has_nothing_wrong() -> None:
    checked = tollwatch("check")
    assert checked.returncode == 0, checked.stderr
    assert "nothing wrong" in checked.stdout


def test_a_reader_that_stops_listening_is_no_error() -> None:
    command = f'"{sys.executable}" -m cli claims --jsonl | head -1'
    lines = jsonl(*({"id": n, "text": SENTENCE} for n in range(2_000)))
    piped = subprocess.run(
        ["/bin/sh", "-c", command], input=lines, capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert piped.returncode == 0
    assert "Traceback" not in piped.stderr


# ------------------------------------------------------------------------------------ verdicts and decisions by hand


CONFIG = """
archive = "a.db"
[crawl]
contact = "desk@post.example"
[[outlets]]
id = "one"
name = "One"
homepage = "https://one.example/"
feeds = ["https://one.example/feed"]
[[watches]]
id = "all"
name = "Everything"
{watch}
[[channels]]
name = "screen"
kind = "print"
[[rules]]
name = "all"
channels = ["screen"]
{rule}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration, and an archive with a story in it."""
    (tmp_path / "config.toml").write_text(CONFIG.format(watch="", rule=""), encoding="utf-8")
    archive = Archive.open(tmp_path / "a.db")
    watches = [Watch(id="all", name="Everything")]
    teller = Teller(archive, watches=watches, rules=[Rule(name="all", channels=("screen",))], outlet_names={})
    monitor = Monitor(archive, watches=watches, teller=teller, since=lambda _: None)
    for entry in read_entries(jsonl(*STORY).splitlines(), "story"):
        seen = entry.article.published
        assert seen is not None
        monitor.take(read_claims_of(entry.article.url, entry.article), fetched=seen)
    archive.close()
    return tmp_path


def event_in(folder: Path) -> str:
    return str(json.loads(tollwatch("timeline", "--json", folder=folder).stdout)[0]["id"])


def test_a_verdict_is_explained_by_its_row_both_quotes_and_both_intervals(folder: Path) -> None:
    rows = json.loads(tollwatch("timeline", event_in(folder), "--json", folder=folder).stdout)
    shown = tollwatch("explain", str(rows[-1]["change_id"]), folder=folder).stdout
    assert "23 → 41 (+18, +78%)" in shown
    assert "row 9     the figure has a predecessor in its own series" in shown
    assert "▸Forty-one◂ people were killed" in shown
    assert "▸Twenty-three◂ people were killed" in shown
    assert "41 to 41" in shown
    asked = json.loads(tollwatch("explain", str(rows[-1]["change_id"]), "--json", folder=folder).stdout)
    assert (asked["kind"], asked["from"]["interval"], asked["to"]["interval"]) == ("raised", [23, 23], [41, 41])


def test_an_unknown_verdict_is_told_so(folder: Path) -> None:
    asked = tollwatch("explain", "999", folder=folder)
    assert (asked.returncode, "999: is no verdict's number" in asked.stderr) == (2, True)


def test_an_event_is_renamed_and_split_by_hand(folder: Path) -> None:
    event = event_in(folder)
    assert tollwatch("event", "rename", event, "The Marran ferry", folder=folder).stdout == "done\n"
    assert tollwatch("event", "split", event, STORY[1]["url"], folder=folder).stdout == "done\n"
    rows = json.loads(tollwatch("timeline", "--json", folder=folder).stdout)
    assert (len(rows), "The Marran ferry" in [row["name"] for row in rows]) == (2, True)
    other = next(row["id"] for row in rows if row["id"] != event)
    assert tollwatch("event", "merge", other, event, folder=folder).stdout == "done\n"
    assert event_in(folder) == event


def test_a_decision_beside_a_daemon_is_left_for_it(folder: Path) -> None:
    event, daemon = event_in(folder), Archive.open(folder / "a.db")
    try:
        told = tollwatch("event", "rename", event, "The Marran ferry", folder=folder)
        assert "the daemon that runs carries it out" in told.stdout
        teller = Teller(daemon, watches=[], rules=[], outlet_names={})
        assert Monitor(daemon, watches=[], teller=teller, since=lambda _: None).decider.carry_out() == 1
        assert daemon.events.event_name(event) == "The Marran ferry"
    finally:
        daemon.close()


def test_a_replay_is_set_beside_what_was_told(folder: Path) -> None:
    asked = ("replay", "--archive", "a.db", "--compare", "--jsonl")
    assert [row["told"] for row in json.loads(tollwatch(*asked, folder=folder).stdout)] == ["both", "both"]
    (folder / "other.toml").write_text(
        CONFIG.format(watch="step_share = 1.0", rule="who = ['children']"), encoding="utf-8"
    )
    other = json.loads(tollwatch(*asked, "--rules", "other.toml", folder=folder).stdout)
    assert [row["told"] for row in other] == ["then", "then"]


def test_a_watch_says_how_large_a_step_must_be(folder: Path) -> None:
    quiet = "step_share = 1.0\nleast_step = 30\nmilestones = [1000]"
    (folder / "other.toml").write_text(CONFIG.format(watch=quiet, rule=""), encoding="utf-8")
    replayed = tollwatch("replay", "--archive", "a.db", "--jsonl", "--rules", "other.toml", folder=folder).stdout
    assert [json.loads(line)["level"] for line in replayed.splitlines()] == ["now", "log"]


def test_an_edit_in_place_is_explained_by_the_sentences_that_it_changed(folder: Path) -> None:
    edited = {
        **STORY[1],
        "text": STORY[1]["text"].replace("Forty-one", "Forty-four"),
        "published": "2026-03-08T20:00:00Z",
    }
    archive = Archive.open(folder / "a.db")
    teller = Teller(archive, watches=[], rules=[], outlet_names={})
    (entry,) = read_entries(jsonl(edited).splitlines(), "edit")
    seen = entry.article.published
    assert seen is not None
    reading = read_claims_of(entry.article.url, entry.article)
    Monitor(archive, watches=[], teller=teller, since=lambda _: None).take(reading, fetched=seen)
    archive.close()
    shown = tollwatch("explain", "3", folder=folder).stdout
    assert "- Forty-one people were killed, the coastguard said." in shown
    assert "+ Forty-four people were killed, the coastguard said." in shown
    assert "changed without notice" in shown
