"""How much memory the processes of a daemon hold, and how much of the CPU they took (Linux)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def below(pid: int) -> Iterator[int]:
    """The processes that a process has started, and those that they have."""
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # it has ended meanwhile
            for child in map(int, children.read_text(encoding="ascii").split()):
                yield child
                yield from below(child)


def cpu(pid: int) -> float:
    """Seconds of the CPU that a process took."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mb(pid: int, file: str, name: str) -> float:
    """MB that a file of a process's own names so; 0 where the process has ended."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/{file}").read_text(encoding="ascii").splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024
    return 0.0
