"""Children whose parent is killed: measured at the processes, not at what anybody says of them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from demos.processes import parent_watch as lifeline
from demos.processes.demo_server import served
from tests.demos.toys import until

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys, time
from demos.child import served
with served() as child:
    print(child.process.pid, flush=True)
    time.sleep(60)
"""


def alive(pid):
    """Whether it still runs; one that waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_process_that_was_not_told_to_is_not_tied():
    assert not lifeline.tied({})


def test_it_ends_when_its_input_does_and_not_before():
    code = "from demos import lifeline; import time; print(lifeline.tied(), flush=True); time.sleep(60)"
    command = [sys.executable, "-c", code]
    environment = os.environ | lifeline.ENVIRONMENT
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"True\n"
        child.stdin.write(b"words mean nothing")
        child.stdin.flush()
        assert child.poll() is None
        child.stdin.close()
        assert child.wait(10) == lifeline.ENDED


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc, which this platform does not have")
def test_a_demo_server_does_not_outlive_a_parent_that_is_killed():
    with subprocess.Popen([sys.executable, "-c", HOLDER], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        server = int(parent.stdout.readline())
        assert alive(server)
        began = time.monotonic()
        parent.send_signal(signal.SIGKILL)
        parent.wait(10)
    until(lambda: not alive(server))
    assert time.monotonic() - began < 5


def test_a_server_that_was_ended_leaves_no_pipe_open():
    with served() as child:
        assert not child.process.stdin.closed
    assert child.process.stdin.closed
