"""Starts a command that ends on request, or when the process that started it is gone.

    we --- a pipe --- the watcher (this file as a script) --- the command, in a process group of its own

When this process ends, even by `kill -9`, the system closes its end of the pipe. The watcher then ends the whole group
and removes the command's scratch folder: proxies and browsers have workers, and an orphan would keep its port. Without
process groups (Windows), the command starts without a watcher, and survives if this process is killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO

GROUPS = hasattr(os, "killpg")
END_S = 5.0
"""Seconds for a command to end by itself after SIGTERM."""


def start(
    command: Sequence[str],
    output: IO[bytes] | None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    errors: IO[bytes] | None = None,
    nice: int = 0,
    scratch: str = "",
) -> subprocess.Popen[bytes]:
    """Start a command and return its watcher process, which ends together with the command and with its status.

    SIGTERM to the watcher, or the end of this process, ends the command in good order. `stop()` does it and waits.

    Args:
        output: receives the command's stdout, and its stderr unless `errors` is given.
        nice: added to this process's niceness, if the system supports it.
        scratch: a folder that the watcher removes after the command's end.

    Raises:
        OSError: the command does not exist, on a system without watchers; with a watcher, the watcher ends at once.
    """
    errors = output if errors is None else errors
    if not GROUPS:
        return subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=errors
        )
    # -I and -S: the watcher needs no other module of ours, and should start fast.
    watcher = [sys.executable, "-I", "-S", __file__, str(nice), scratch, *command]
    return subprocess.Popen(
        watcher,
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=errors,
        start_new_session=True,  # Ctrl-C goes only to this process, which ends the command in order
    )


def stop(watcher: subprocess.Popen[bytes], at_once: bool = False) -> None:
    """End a command and its watcher; `at_once`: as in a crash. Returns when both have ended; safe to call twice.

    Never use `watcher.kill()`: then nothing would end the command.
    """
    if watcher.stdin is None:
        _end_alone(watcher, 0 if at_once else END_S)
        return
    watcher.send_signal(signal.SIGINT if at_once else signal.SIGTERM)
    watcher.wait(2 * END_S + 1)
    watcher.stdin.close()


def _end_alone(process: subprocess.Popen[bytes], patience_s: float) -> None:
    """End a command that has no watcher."""
    if patience_s:
        process.terminate()
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def watch(nice: int, scratch: str, command: Sequence[str]) -> int:
    """Act as the watcher: run `command` until it ends, a signal arrives, or stdin closes. Returns its status."""
    over, patience = threading.Event(), [END_S]

    def end(number: int, frame: FrameType | None) -> None:
        patience[0] = 0 if number == signal.SIGINT else END_S
        over.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    os.nice(nice)
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)

    def until(wait: Callable[[], object]) -> None:
        wait()
        over.set()

    for wait in (process.wait, lambda: os.read(0, 1)):
        threading.Thread(target=until, args=(wait,), daemon=True).start()
    over.wait()
    _end(process, patience[0])
    if scratch:
        shutil.rmtree(scratch, ignore_errors=True)
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def _end(process: subprocess.Popen[bytes], patience_s: float) -> None:
    """End the command first, by SIGTERM if `patience_s` is not 0; then kill the rest of its group."""
    if patience_s and process.poll() is None:
        process.terminate()
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


if __name__ == "__main__":
    sys.exit(watch(int(sys.argv[1]), sys.argv[2], sys.argv[3:]))
