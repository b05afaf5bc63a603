"""The dashboard's server: listens, refuses to stand open, and ends when it is asked to."""

from __future__ import annotations

import socket

import uvicorn

from config import Config
from dashboard.guard import is_local
from dashboard.site import application
from model import ConfigError, Problem

_MOST_AT_ONCE = 200  # connections: beyond them a visitor is told to come back
_LONGEST_HEAD = 16 * 1024  # bytes of a request before its body; an address holds the SQL


def run(config: Config, listen: str) -> int:
    """Serve until interrupted; `listen` is host:port. Raises ConfigError where it may or can not."""
    host, _, port = listen.rpartition(":")
    local = is_local(host)
    if not local and config.web.password is None:
        what = f"the dashboard would be open to everyone who reaches {listen}"
        remedy = "set TOLLWATCH_WEB_PASSWORD or password_file, or listen on 127.0.0.1"
        raise ConfigError([Problem(file=str(config.file), key="web.password_env", what=what, remedy=remedy)])
    listening = _listening(config, host.strip("[]"), int(port), listen)
    shown = f"[{host.strip('[]')}]" if ":" in host else host
    print(f"the dashboard is at http://{shown}:{listening.getsockname()[1]}/", flush=True)
    settings = uvicorn.Config(
        application(config.archive, config.web, local=local),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_MOST_AT_ONCE,
        h11_max_incomplete_event_size=_LONGEST_HEAD,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=3,
        ws="none",
    )
    uvicorn.Server(settings).run(sockets=[listening])
    return 0


def _listening(config: Config, host: str, port: int, listen: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named, asyncio lets what a page is written in go at once; else each page takes 40 ms longer.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()  # who comes from now on waits until the first page is ready
    except OSError as error:
        listening.close()
        what, remedy = f"cannot listen on {listen} ({error.strerror})", "give a free address, or end what listens there"
        raise ConfigError([Problem(file=str(config.file), key="web.listen", what=what, remedy=remedy)]) from error
    return listening
