from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from demos.processes import supervised
from demos.processes.demo_server import served
from demos.processes.supervised import start, stop
from tests.demos.process_table import alive
from tests.demos.toys import WAIT_S, until
from tests.known import known

# Starts a child of its own, as a proxy starts workers, writes both ids, and ignores whoever asks it to end.
STUBBORN = """
    import os, signal, subprocess, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN if sys.argv[1:] == ["stubborn"] else signal.SIG_DFL)
    worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(os.getpid(), worker.pid, flush=True)
    time.sleep(600)
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(STUBBORN), *arguments]


def ids(log: Path) -> list[int]:
    until(lambda: len(log.read_text().split()) == 2)
    return [int(word) for word in log.read_text().split()]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "log").touch()
    return tmp_path / "log"


@pytest.mark.parametrize("at_once", [False, True])
def test_stop_ends_the_command_and_its_workers(log: Path, at_once: bool) -> None:
    with log.open("wb") as output:
        watcher = start(command("stubborn") if at_once else command(), output)
    pids = ids(log)
    assert all(alive(pid) for pid in pids)
    began = time.monotonic()
    stop(watcher, at_once)
    stop(watcher)
    assert time.monotonic() - began < supervised.END_S  # before patience ends
    until(lambda: not any(alive(pid) for pid in pids))  # a signal that was sent takes a moment


def test_a_command_that_ends_takes_its_workers_along(log: Path) -> None:
    with log.open("wb") as output:
        watcher = start(command(), output)
    main, worker = ids(log)
    os.kill(main, signal.SIGKILL)
    assert watcher.wait(WAIT_S) == 128 + signal.SIGKILL
    until(lambda: not alive(worker))
    stop(watcher)


def test_the_status_is_the_commands() -> None:
    watcher = start([sys.executable, "-c", "raise SystemExit(7)"], None)
    assert watcher.wait(WAIT_S) == 7
    stop(watcher)


def test_nothing_survives_when_we_are_killed(log: Path) -> None:
    us = f"""
        import sys, time
        from demos.processes.supervised import start
        with open({str(log)!r}, "wb") as output:
            start({command()!r}, output)
        time.sleep(600)
    """
    starter = subprocess.Popen([sys.executable, "-c", textwrap.dedent(us)])
    pids = ids(log)
    starter.kill()
    starter.wait()
    until(lambda: not any(alive(pid) for pid in pids))


@pytest.mark.parametrize("at_once", [False, True])
def test_without_process_groups_the_command_itself_is_ended(monkeypatch: pytest.MonkeyPatch, at_once: bool) -> None:
    monkeypatch.setattr(supervised, "GROUPS", False)
    command = start([sys.executable, "-c", "import time; time.sleep(600)"], None)
    assert command.poll() is None
    stop(command, at_once)
    stop(command, at_once)
    assert command.returncode == (-signal.SIGKILL if at_once else -signal.SIGTERM)


def test_the_scratch_folder_goes_with_the_command(tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    (folder / "inner").mkdir(parents=True)
    watcher = start([sys.executable, "-c", "pass"], None, scratch=str(folder))
    assert watcher.wait(WAIT_S) == 0
    assert not folder.exists()
    stop(watcher)


@pytest.mark.skipif(not hasattr(os, "nice"), reason="this system has no niceness")
def test_a_command_may_run_at_low_priority(log: Path) -> None:
    with log.open("wb") as output:
        watcher = start([sys.executable, "-c", "import os; print(os.nice(0))"], output, nice=7)
    assert watcher.wait(WAIT_S) == 0
    assert int(log.read_text()) == min(19, os.nice(0) + 7)
    stop(watcher)


def test_errors_go_where_they_are_wanted(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
        code = "import sys; print('said'); print('complained', file=sys.stderr)"
        watcher = start([sys.executable, "-c", code], out, errors=err)
    assert watcher.wait(WAIT_S) == 0
    assert [(tmp_path / name).read_text() for name in ("out", "err")] == ["said\n", "complained\n"]
    stop(watcher)


def test_a_demo_server_does_not_outlive_a_parent_that_is_killed(log: Path) -> None:
    us = f"""
        import time
        from pathlib import Path
        from demos.processes.demo_server import served
        with served() as child:
            Path({str(log)!r}).write_text(f"{{child.pid}} {{child.process.pid}}")
            time.sleep(600)
    """
    starter = subprocess.Popen([sys.executable, "-c", textwrap.dedent(us)])
    pids = ids(log)
    assert all(alive(pid) for pid in pids)
    starter.kill()
    starter.wait()
    until(lambda: not any(alive(pid) for pid in pids))


def test_a_server_that_was_ended_leaves_no_pipe_open() -> None:
    with served() as child:
        assert not known(child.process.stdin).closed
    assert known(child.process.stdin).closed
