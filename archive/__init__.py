"""The archive: everything that was ever seen, in one SQLite file. The only home of SQL."""

from archive.store import Archive

__all__ = ["Archive"]
