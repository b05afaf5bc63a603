"""The one loop: each case in a process of its own, since a reactor starts once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run_in_a_process(main: str, *, warnings: str = "error") -> subprocess.CompletedProcess[str]:
    script = f"import asyncio, sys\nfrom crawler.loop import run\n{main}\nsys.exit(run(main))"
    return subprocess.run(
        [sys.executable, "-W", warnings, "-c", script],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_value_of_main_comes_back() -> None:
    ended = run_in_a_process("async def main():\n await asyncio.sleep(0.01)\n return 7")
    assert (ended.returncode, ended.stderr) == (7, "")


def test_what_main_raises_is_raised() -> None:
    ended = run_in_a_process("async def main():\n raise LookupError('of main')")
    assert ended.returncode == 1
    assert "LookupError: of main" in ended.stderr


def test_tasks_that_main_leaves_behind_are_ended() -> None:
    ended = run_in_a_process(
        "async def rest():\n try: await asyncio.sleep(3600)\n finally: print('ended')\n"
        "async def main():\n global task\n task = asyncio.ensure_future(rest())\n await asyncio.sleep(0)\n return 0"
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "ended\n", "")


def test_ctrl_c_ends_it() -> None:
    ended = run_in_a_process(
        "import os, signal\n"
        "async def main():\n os.kill(os.getpid(), signal.SIGINT)\n await asyncio.sleep(3600)\n return 0",
        warnings="default",
    )
    assert ended.returncode != 0
    assert "KeyboardInterrupt" in ended.stderr


def test_a_crawler_outside_the_loop_says_so() -> None:
    ended = run_in_a_process(
        "from crawler.engine import Crawler\nfrom config import CrawlSettings\n"
        "asyncio.run(Crawler(CrawlSettings(contact='mailto:x@a.example'), version='0').start())"
    )
    assert "the crawler lives in the loop of crawler.loop.run" in ended.stderr


def test_twisted_keeps_nothing_of_what_it_would_log() -> None:
    ended = run_in_a_process(
        "import gc, weakref\nfrom twisted.logger import Logger\n"
        "class Answer: pass\n"
        "async def main():\n answer = Answer()\n kept = weakref.ref(answer)\n Logger().info('odd', answer=answer)\n"
        " del answer\n gc.collect()\n return 0 if kept() is None else 1"
    )
    assert (ended.returncode, ended.stderr) == (0, "")
