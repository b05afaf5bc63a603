"""Logs: events with fields, one a line, on standard error."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger


def to_stderr(level: int = logging.INFO) -> None:
    """Write events to standard error: readable on a terminal, JSON elsewhere."""
    # Plain: the tracebacks that structlog prefers on a terminal show what each variable holds, secrets too.
    on_terminal = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            without_secrets,
            on_terminal if sys.stderr.isatty() else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")


def without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """An event whose fields show no secret of a channel that is open."""
    from alerts.channels.secrecy import unsaid

    return {name: unsaid(value) if isinstance(value, str) else value for name, value in event.items()}
