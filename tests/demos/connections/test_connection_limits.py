"""Sockets that say nothing cost others nothing: on the demo server, and on the app as `streamlit run` serves it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from demos.connections.connection_limits import ConnectionLimits
from demos.limits import Limits
from demos.processes.ports import free_port
from tests.demos.toys import WAIT_S, until

ROOT = Path(__file__).parents[3]
SILENT = 400
MOST_LOG = 100_000
COMMANDS = {
    "serve": "-m demos serve --port {port}",
    "app": "-m streamlit run app.py --server.address 127.0.0.1 --server.port {port}",
}


@contextmanager
def few_descriptors(command: str, log: Path) -> Iterator[int]:
    """A server whose process may have 256 descriptors; gives its port."""
    port = free_port()
    line = f"ulimit -n 256; exec {sys.executable} {command.format(port=port)}"
    with log.open("wb") as out:
        process = subprocess.Popen(["sh", "-c", line], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
    try:
        until(lambda: _healthy(port))
        yield port
    finally:
        process.terminate()
        process.wait(WAIT_S)


def _healthy(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/api/health", timeout=WAIT_S, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts descriptors as Linux shows them")
@pytest.mark.parametrize("command", COMMANDS)
def test_silent_sockets_do_not_keep_others_out(command: str, tmp_path: Path) -> None:
    with few_descriptors(COMMANDS[command], tmp_path / "log") as port:
        silent: list[socket.socket] = []
        try:
            for n in range(SILENT):
                silent.append(socket.create_connection(("127.0.0.1", port), WAIT_S))
                if n % 50 == 49:
                    assert _healthy(port), f"after {n + 1} silent sockets"
            for _ in range(5):
                assert _healthy(port)
        finally:
            for one in silent:
                one.close()
    said = (tmp_path / "log").read_text(encoding="utf-8", errors="replace")
    assert len(said) < MOST_LOG
    assert not re.search("Traceback|out of system resource", said), said[:2000]


class Toy:
    """A connection of uvicorn, as far as it is looked at."""

    def __init__(self, address: str, connections: set[Any], *, busy: bool = False) -> None:
        self.closed = False
        self.client = (address, 1)
        self.connections = connections
        self.made_at = time.monotonic()
        self.transport = SimpleNamespace(is_closing=lambda: self.closed, abort=self._abort, _server=None)
        self.cycle = SimpleNamespace(response_complete=False) if busy else None
        connections.add(self)

    def _abort(self) -> None:
        self.closed = True


def open_in(limits: ConnectionLimits, connections: set[Any], address: str, busy: bool = False) -> Toy:
    made = Toy(address, connections, busy=busy)
    limits.made(made)
    return made


def limited(most: int, client_most: int) -> tuple[ConnectionLimits, set[Any]]:
    return ConnectionLimits(Limits(connections=most, client_connections=client_most)), set()


def test_the_oldest_silent_one_of_an_address_makes_room_and_what_is_served_stays() -> None:
    limits, all_ = limited(10, 3)
    served = open_in(limits, all_, "a", busy=True)
    first, second, third = (open_in(limits, all_, "a") for _ in range(3))
    assert [one.closed for one in (served, first, second, third)] == [False, True, False, False]


def test_an_address_whose_connections_are_all_served_gets_no_more() -> None:
    limits, all_ = limited(10, 2)
    served = [open_in(limits, all_, "a", busy=True) for _ in range(2)]
    late = open_in(limits, all_, "a")
    assert late.closed
    assert not any(one.closed for one in served)


def test_where_all_are_taken_whoever_has_most_pays() -> None:
    limits, all_ = limited(4, 3)
    many = [open_in(limits, all_, "many") for _ in range(3)]
    open_in(limits, all_, "other")
    new = open_in(limits, all_, "new")
    assert not new.closed
    assert Counter(one.closed for one in many) == {True: 1, False: 2}


def test_another_server_is_left_as_it_is() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "lifespan.startup"}

    assert not ConnectionLimits(Limits()).watch(receive)


def test_what_is_connected_while_the_server_ends_is_closed_at_once() -> None:
    limits, all_ = limited(10, 3)
    before = open_in(limits, all_, "a")
    limits.shut()
    after = open_in(limits, all_, "a")
    assert (before.closed, after.closed) == (False, True)


def test_a_server_ends_though_silent_sockets_keep_coming(tmp_path: Path) -> None:
    port, held, over = free_port(), [], threading.Event()
    command = [sys.executable, *COMMANDS["serve"].format(port=port).split()]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def flood() -> None:
        while not over.is_set():
            try:
                held.append(socket.create_connection(("127.0.0.1", port), 1))
            except OSError:
                return

    try:
        until(lambda: _healthy(port))
        sources = [threading.Thread(target=flood) for _ in range(4)]
        for source in sources:
            source.start()
        until(lambda: len(held) > 100)
        process.terminate()
        process.wait(WAIT_S)
    finally:
        over.set()
        process.kill()
        for line in held:
            line.close()
