"""Decisions about events by hand: written down at once, carried out here or by the daemon that runs."""

from __future__ import annotations

from datetime import UTC, datetime

from archive import Archive
from config import Config
from deciding import decide
from model import ArchiveError, Decision
from monitor import Monitor
from telling import Teller


def run(config: Config, decision: Decision) -> bool:
    """Write a decision down; returns whether it is carried out already, not left to the daemon that runs.

    Raises InputError where it cannot be carried out.
    """
    now = datetime.now(UTC)
    try:
        archive = Archive.open(config.archive)
    except ArchiveError:
        archive = Archive.open_beside(config.archive)
        try:
            decide(archive, decision, now)
            return False
        finally:
            archive.close()
    try:
        decide(archive, decision, now)
        teller = Teller(archive, watches=config.watches, rules=config.rules, outlet_names={})
        Monitor(archive, watches=config.watches, teller=teller, since=lambda _: None).decider.carry_out()
        return True
    finally:
        archive.close()
