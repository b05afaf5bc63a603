"""`tollwatch web`: the dashboard of the archive."""

from __future__ import annotations

from archive import Archive
from config import Config


def run(config: Config, listen: str | None) -> int:
    """Serve the dashboard until interrupted. Raises ArchiveError or ConfigError where it may not or cannot."""
    Archive.open_read_only(config.archive).close()  # says at once what would be wrong with every page
    from dashboard import serving

    return serving.run(config, listen or config.web.listen)
