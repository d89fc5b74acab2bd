"""No two processes are given the same port, however soon they use it."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from demos.processes import ports
from demos.processes.ports import PORTS, NoFreePort, free_port
from tests.patience import seconds

TAKES = """
import sys
from demos.processes import ports
ports._CANDIDATES = iter(range(int(sys.argv[1]), ports.PORTS.stop))
print(*(ports.free_port() for _ in range(5)), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def theirs() -> Iterator[list[int]]:
    """Five ports that another process was given. It uses none of them yet."""
    command = [sys.executable, "-c", TAKES, str(free_port())]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        yield [int(port) for port in other.stdout.readline().split()]
        other.stdin.close()
        other.wait(seconds(20))


def test_they_are_below_those_of_outgoing_connections() -> None:
    found = [free_port() for _ in range(20)]
    assert len(set(found)) == 20
    assert all(port in PORTS for port in found)


def test_one_that_another_process_was_given_is_passed_over(theirs: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_CANDIDATES", iter(range(theirs[0], PORTS.stop)))
    assert free_port() > theirs[-1]


def test_one_in_use_is_passed_over_though_nobody_was_given_it(monkeypatch: pytest.MonkeyPatch) -> None:
    first = free_port()
    monkeypatch.setattr(ports, "_CANDIDATES", iter(range(first, PORTS.stop)))
    with socket.create_server(("127.0.0.1", first)):
        assert free_port() > first


def test_without_any_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_is_free", lambda port: False)
    with pytest.raises(NoFreePort, match="No port from 20000 to 29999 is free"):
        free_port()


def test_it_goes_on_where_the_file_of_all_processes_cannot_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_file", None)
    monkeypatch.setattr("tempfile.gettempdir", lambda: "/no/such/folder")
    assert free_port() in PORTS
