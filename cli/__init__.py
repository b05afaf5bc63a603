"""The command `tollwatch`: `commands` has them all, the other modules do what takes more than a few lines."""

from cli.commands import main

__all__ = ["main"]
