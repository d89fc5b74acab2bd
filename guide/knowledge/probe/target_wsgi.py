"""A target for `python -m demos probe`, in plain WSGI for Flask, Django and the like. It has no WebSocket.

Requires: nothing but a WSGI server, for example gunicorn==26.1.0
Start:    gunicorn target_wsgi:app --bind 127.0.0.1:8000, with the workers and threads of your own server
Then:     python -m demos probe https://the-address-in-front
Inside:   Flask: app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/streamwise": target_wsgi.app}), of werkzeug;
          any other: call target_wsgi.app where the path begins with /probe/. Then probe the address with that prefix

Whoever reaches it can hold streams of ten minutes, and read names of headers. Take it away when you are done.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import parse_qs

LONGEST_S, MOST_OPEN = 600, 32
BARE = [("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache")]
HEADERS = [*BARE, ("X-Accel-Buffering", "no")]
MOST = {"n": 2000, "gap_ms": 10_000, "silence_ms": 300_000, "heartbeat_ms": 300_000, "since": 2000, "bare": 1,
        "first_ms": 300_000, "size": 2_000_000, "run": 2**53}  # fmt: skip
USUAL = {"n": 40, "gap_ms": 50} | dict.fromkeys(("silence_ms", "heartbeat_ms", "since", "bare"), 0)
USUAL |= dict.fromkeys(("first_ms", "size", "run"), 0)
INSTANCE, RUNS = secrets.token_hex(4), dict[int, None]()
open_streams = 0
Start = Callable[[str, list[tuple[str, str]]], Any]


def app(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    path = environ.get("PATH_INFO", "")
    if path.endswith("/probe/about"):
        return about(environ, start)
    if path.endswith("/probe/ws"):  # no upgrade here; what arrived of it is told
        return about(environ, start, "426 Upgrade Required")
    if not path.endswith("/probe/sse"):
        return plain(start, "404 Not Found", "There is nothing here.")
    try:
        given = asked(environ)
    except ValueError as error:
        return plain(start, "422 Unprocessable Content", str(error))
    except LookupError as error:
        return plain(start, "410 Gone", str(error))
    if open_streams >= MOST_OPEN:
        return plain(start, "503 Service Unavailable", "Too many streams.")
    start("200 OK", BARE if given["bare"] else HEADERS)
    return events(**given)


def asked(environ: dict[str, Any]) -> dict[str, int]:
    """The numbers of the query. Raises ValueError for a wrong one, LookupError for a run that began elsewhere."""
    query = parse_qs(environ.get("QUERY_STRING", ""))
    found = {name: int(query.get(name, [usual])[0]) for name, usual in USUAL.items()}
    found["since"] = int(environ.get("HTTP_LAST_EVENT_ID", found["since"]))
    if wrong := [name for name, number in found.items() if not 0 <= number <= MOST[name]]:
        raise ValueError(f"Allowed: {', '.join(f'{name} from 0 to {MOST[name]}' for name in wrong)}")
    if found["run"] and not known(found["run"], found["since"]):
        raise LookupError(f"Instance {INSTANCE}-{os.getpid()} did not begin run {found['run']}.")
    return found


def known(run: int, since: int) -> bool:
    """Whether this process began the run, or begins it now. As a server without a log that all instances share."""
    if not since:
        RUNS[run] = None
        while len(RUNS) > 1000:
            del RUNS[next(iter(RUNS))]
    return run in RUNS


def events(
    n: int, gap_ms: int, silence_ms: int, heartbeat_ms: int, since: int, first_ms: int, size: int, **_: int
) -> Iterator[bytes]:
    """Each event as bytes, heartbeats between them. The silence follows the first event, which has the size."""
    global open_streams
    open_streams += 1
    try:
        began, beat_s = time.monotonic(), max(heartbeat_ms, 100) / 1000
        for seq in range(since + 1, n + 1):
            wait_ms = silence_ms if seq == 2 else max(gap_ms, first_ms) if seq == 1 else gap_ms
            due = time.monotonic() + wait_ms / 1000
            while heartbeat_ms and due - time.monotonic() > beat_s:
                time.sleep(beat_s)
                yield b": heartbeat\n\n"
            time.sleep(max(0.0, due - time.monotonic()))
            if time.monotonic() - began > LONGEST_S:
                return
            pad = {"pad": "x" * size} if size and seq == 1 else {}
            told = json.dumps({"seq": seq, "sent_ms": time.monotonic() * 1000, **pad})
            yield f"id: {seq}\ndata: {told}\n\n".encode()
    finally:
        open_streams -= 1


def about(environ: dict[str, Any], start: Start, status: str = "200 OK") -> Iterable[bytes]:
    """What answers here, and what of the request arrived."""
    running = [installed(name) for name in ("gunicorn", "waitress", "uwsgi") if name in sys.modules]
    seen = sorted(name[5:].lower().replace("_", "-") for name in environ if name.startswith("HTTP_"))
    told = {
        "target": "streamwise-probe/1",
        "server": " ".join(running) or environ.get("SERVER_SOFTWARE", ""),
        "app": "wsgi",
        "http": environ.get("SERVER_PROTOCOL", "").removeprefix("HTTP/"),
        "upgrade": environ.get("HTTP_UPGRADE"),
        "connection": environ.get("HTTP_CONNECTION"),
        "via": environ.get("HTTP_VIA"),
        "host": environ.get("HTTP_HOST"),
        "headers": seen,
        "instance": f"{INSTANCE}-{os.getpid()}",  # a server may load this file once, and then make its workers of it
        "now_ms": time.monotonic() * 1000,
    }
    body = json.dumps(told).encode()
    head = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Content-Length", str(len(body)))]
    start(status, head)
    return [body]


def installed(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return name


def plain(start: Start, status: str, text: str) -> Iterable[bytes]:
    body = text.encode()
    start(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
