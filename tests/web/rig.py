"""A dashboard as its users run it: `tollwatch web` in a process of its own, on the demo's archive."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
_CONFIG = """
archive = "{archive}"
[crawl]
contact = "desk@example.org"
[[outlets]]
id = "post"
name = "The Post"
homepage = "https://post.example"
feeds = ["https://post.example/rss"]
[[watches]]
id = "floods"
name = "Floods"
any = ["flood*"]
[[rules]]
name = "all"
channels = ["screen"]
[[channels]]
name = "screen"
kind = "print"
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a server answered; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """A dashboard that runs; `pid` is its process's."""

    port: int
    pid: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, *, method: str = "GET", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return Answer(
                status=answer.status,
                headers={name.lower(): value for name, value in answer.headers.items()},
                body=answer.read(),
            )
        finally:
            connection.close()

    def event(self, name: str) -> str:
        """The address of the demo's event whose name holds `name`."""
        rows = self.get("/index.json").json["tables"]["events"]
        return f"/events/{next(row['event'] for row in rows if name in row['event_name'])}"

    def article(self, title: str) -> str:
        """The address of the demo's article whose title holds `title`."""
        rows = self.get(f"/archive/revisions.json?_shape=array&title__contains={quote(title)}").json
        return f"/articles/{rows[0]['article_id']}"


def make_archive(folder: Path) -> Path:
    """The archive that the demo makes, in `folder`."""
    ran = subprocess.run(
        [sys.executable, "-m", "cli", "demo"], capture_output=True, text=True, cwd=ROOT, check=True, timeout=120
    )
    found = re.search(r"the archive lies at (.*?/tollwatch\.db)", ran.stdout)
    assert found, ran.stdout
    made = Path(found[1])
    shutil.copytree(made.parent, folder, dirs_exist_ok=True)
    shutil.rmtree(made.parent)
    return folder / made.name


def write_config(archive: Path) -> Path:
    """A configuration beside an archive."""
    file = archive.with_name("config.toml")
    file.write_text(_CONFIG.format(archive=archive), encoding="utf-8")
    return file


@contextmanager
def serve(archive: Path, listen: str = "127.0.0.1:0", **environ: str) -> Iterator[Served]:
    """`tollwatch web` on an archive, until the block ends."""
    command = [sys.executable, "-m", "cli", "web", "--config", str(write_config(archive)), "--listen", listen]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, **environ}) as ran:
        assert ran.stdout is not None
        try:
            told = ran.stdout.readline()
            port = re.search(r":(\d+)/$", told.strip())
            assert port, told
            yield Served(port=int(port[1]), pid=ran.pid)
        finally:
            ran.terminate()
            ran.wait(timeout=10)
