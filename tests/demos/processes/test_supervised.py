import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from demos.processes import supervised as tether
from demos.processes.supervised import release, tethered
from tests.demos.toys import WAIT_S, until

# Starts a child of its own, as a proxy starts workers, writes both ids, and ignores whoever asks it to end.
STUBBORN = """
    import os, signal, subprocess, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN if sys.argv[1:] == ["stubborn"] else signal.SIG_DFL)
    worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(os.getpid(), worker.pid, flush=True)
    time.sleep(600)
"""


def command(*arguments):
    return [sys.executable, "-c", textwrap.dedent(STUBBORN), *arguments]


def ids(log):
    until(lambda: len(log.read_text().split()) == 2)
    return [int(word) for word in log.read_text().split()]


def alive(pid):
    """Zombies are dead; only their parent has not looked yet."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def log(tmp_path):
    (tmp_path / "log").touch()
    return tmp_path / "log"


@pytest.mark.parametrize("at_once", [False, True])
def test_release_ends_the_command_and_its_workers(log, at_once):
    with log.open("wb") as output:
        watcher = tethered(command("stubborn") if at_once else command(), output)
    pids = ids(log)
    assert all(alive(pid) for pid in pids)
    began = time.monotonic()
    release(watcher, at_once)
    release(watcher)
    assert time.monotonic() - began < tether.END_S  # before patience ends
    until(lambda: not any(alive(pid) for pid in pids))  # a signal that was sent takes a moment


def test_a_command_that_ends_takes_its_workers_along(log):
    with log.open("wb") as output:
        watcher = tethered(command(), output)
    main, worker = ids(log)
    os.kill(main, signal.SIGKILL)
    assert watcher.wait(WAIT_S) == 128 + signal.SIGKILL
    until(lambda: not alive(worker))
    release(watcher)


def test_the_status_is_the_commands():
    watcher = tethered([sys.executable, "-c", "raise SystemExit(7)"], None)
    assert watcher.wait(WAIT_S) == 7
    release(watcher)


def test_nothing_survives_when_we_are_killed(log):
    us = f"""
        import sys, time
        from demos.tether import tethered
        with open({str(log)!r}, "wb") as output:
            tethered({command()!r}, output)
        time.sleep(600)
    """
    starter = subprocess.Popen([sys.executable, "-c", textwrap.dedent(us)])
    pids = ids(log)
    starter.kill()
    starter.wait()
    until(lambda: not any(alive(pid) for pid in pids))


@pytest.mark.parametrize("at_once", [False, True])
def test_without_process_groups_the_command_itself_is_ended(monkeypatch, at_once):
    monkeypatch.setattr(tether, "GROUPS", False)
    command = tethered([sys.executable, "-c", "import time; time.sleep(600)"], None)
    assert command.poll() is None
    release(command, at_once)
    release(command, at_once)
    assert command.returncode == (-signal.SIGKILL if at_once else -signal.SIGTERM)
