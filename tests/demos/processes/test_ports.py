"""No two processes are given the same port, however soon they use it."""

from __future__ import annotations

import errno
import itertools
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demos.processes import ports
from demos.processes.ports import PORTS, NoFreePort, free_port
from tests.patience import seconds

TAKES = """
import itertools, sys
from demos.processes import ports
ports._CANDIDATES = itertools.chain(range(int(sys.argv[1]), ports.PORTS.stop), ports.PORTS)
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
    monkeypatch.setattr(ports, "_CANDIDATES", itertools.chain(theirs, PORTS))
    assert free_port() not in theirs


def test_one_in_use_is_passed_over_though_nobody_was_given_it(monkeypatch: pytest.MonkeyPatch) -> None:
    first = free_port()
    monkeypatch.setattr(ports, "_GIVEN", set())
    monkeypatch.setattr(ports, "_CANDIDATES", itertools.chain([first], PORTS))
    with socket.create_server(("127.0.0.1", first)):
        assert free_port() != first


def test_none_is_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    first = free_port()
    monkeypatch.setattr(ports, "_CANDIDATES", itertools.chain([first, first], PORTS))
    assert free_port() != first


def test_without_any_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_is_free", lambda port: False)
    with pytest.raises(NoFreePort, match="No port from 20000 to 29999 is free"):
        free_port()
    command = [sys.executable, "-c", TAKES, str(PORTS.start)]  # and takes none away from others
    others = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds(20))
    assert len(others.stdout.split()) == 5


def _no_file(folder: Path) -> None:
    """Nothing there."""


def _a_pipe(folder: Path) -> None:
    os.mkfifo(folder / f"{ports.TAKEN}-{os.getuid()}")


def _a_link(folder: Path) -> None:
    (folder / "target").touch()
    (folder / f"{ports.TAKEN}-{os.getuid()}").symlink_to(folder / "target")


@pytest.mark.parametrize("made", [_no_file, _a_pipe, _a_link])
def test_it_goes_on_where_the_file_of_all_processes_is_not_to_be_had(
    made: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path if made is not _no_file else tmp_path / "none"
    made(tmp_path)
    monkeypatch.setattr(ports, "_file", None)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(folder))
    assert free_port() in PORTS
    assert ports._file == -1


def test_a_file_that_cannot_be_locked_takes_no_port_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.lockf", refuse)
    assert free_port() in PORTS
