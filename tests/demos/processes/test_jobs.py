from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from demos.processes.jobs import Job, Jobs, QueueFull, QueueLimits

ALL_S = 20


class Scripts(Jobs):
    """A queue whose commands are scripts of Python."""

    def run(self, code: str, client: str = "", then: Callable[[Job], None] | None = None) -> Job:
        return self.start((sys.executable, "-c", code), client, then)


def queue(
    open: int = 10, client_open: int = 10, kept: int = 10, clock: Callable[[], float] = time.monotonic
) -> Scripts:
    return Scripts("trial", QueueLimits(open, client_open, 60, kept), clock=clock)


def until(met: Callable[[], object]) -> None:
    ends = time.monotonic() + ALL_S
    while not met():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_what_a_child_says_is_there_as_it_says_it_and_is_kept() -> None:
    here = queue()
    one = here.run("import time; print('first', flush=True); time.sleep(3); print('last')")
    until(lambda: one.output == "first\n")
    assert not one.over.is_set()
    assert one.over.wait(ALL_S)
    assert (one.output, one.status, one.good) == ("first\nlast\n", 0, True)
    assert here.get(one.id) is one
    assert here.get("nobody") is None


def test_one_at_a_time_the_rest_in_their_order_and_no_crowd(tmp_path: Path) -> None:
    here = queue(open=3)
    write = f"import time; open({str(tmp_path / 'log')!r}, 'a').write('%s began\\n'); time.sleep(.2); "
    write += f"open({str(tmp_path / 'log')!r}, 'a').write('%s ended\\n')"
    made = [here.run(write % (n, n)) for n in "123"]
    assert [here.ahead(one) for one in made] == [0, 1, 2]
    with pytest.raises(QueueFull, match="One trial runs and 2 wait"):
        here.run("pass")
    assert made[-1].over.wait(ALL_S)
    told = (tmp_path / "log").read_text().splitlines()
    assert told == [f"{n} {what}" for n in "123" for what in ("began", "ended")]
    assert [here.ahead(one) for one in made] == [0, 0, 0]


def test_addresses_take_turns() -> None:
    here = queue()
    first = here.run("import time; time.sleep(1)", "many")
    rest = [here.run("pass", "many") for _ in range(3)]
    other = here.run("pass", "other")
    assert all(one.over.wait(ALL_S) for one in (first, other, *rest))
    began = [one.began or 0.0 for one in (other, *rest)]
    assert began == sorted(began), "whoever asked for one waits for one"


def test_whoever_started_one_may_end_it_while_it_runs_or_waits() -> None:
    here = queue()
    running, waiting, last = here.run("import time; time.sleep(600)"), here.run("print(1)"), here.run("print(2)")
    until(lambda: running.began)
    for one in (waiting, running):
        here.end(one)
        assert one.over.wait(ALL_S)
        assert (one.ended_for, one.status, one.good) == ("request", None, False)
    assert waiting.began is None
    assert last.over.wait(ALL_S)
    assert last.good
    here.end(last)
    assert last.good, "what is finished stays as it is"


def test_finished_ones_of_one_address_do_not_push_out_those_of_others() -> None:
    here = queue(kept=3)
    mine = here.run("pass", "me")
    for _ in range(6):
        assert here.run("pass", "crowd").over.wait(ALL_S)
    assert here.get(mine.id) is mine


def test_one_that_takes_too_long_is_ended_and_is_no_success() -> None:
    seconds = [0.0]
    here = queue(clock=lambda: seconds[0])
    one = here.run("import os, time; print(os.getpid(), flush=True); time.sleep(600)")
    until(lambda: one.output)
    seconds[0] = 61.0
    assert one.over.wait(ALL_S)
    assert (one.status, one.good, one.ended_for) == (None, False, "time")
    with pytest.raises(ProcessLookupError):
        os.kill(int(one.output.split()[0]), 0)


def test_a_child_that_fails_tells_its_status_and_the_next_has_its_turn() -> None:
    here = queue()
    bad, good = here.run("raise SystemExit(3)"), here.run("print('here')")
    assert good.over.wait(ALL_S)
    assert (bad.status, bad.good, good.output) == (3, False, "here\n")


def test_the_oldest_finished_one_makes_room() -> None:
    here = queue(kept=2)
    made = []
    for _ in range(3):
        made.append(here.run("pass"))
        assert made[-1].over.wait(ALL_S)
    assert [here.get(one.id) is one for one in made] == [False, True, True]


def test_one_client_may_not_take_the_whole_queue() -> None:
    here = queue(client_open=2)
    made = [here.run("pass", "a"), here.run("pass", "a")]
    with pytest.raises(QueueFull, match="2 of yours") as caught:
        here.run("pass", "a")
    assert caught.value.own
    made.append(here.run("pass", "b"))
    assert all(one.over.wait(ALL_S) for one in made)


def test_what_is_done_at_the_end_is_done_before_it_counts_as_over() -> None:
    here, seen = queue(), []
    one = here.run("print('here')", then=lambda job: seen.append((job.output, job.over.is_set())))
    assert one.over.wait(ALL_S)
    assert seen == [("here\n", False)]


def test_errors_are_kept_apart_and_a_command_that_is_not_there_is_one() -> None:
    here = queue()
    bad = here.run("import sys; print('out'); sys.exit('no luck')")
    none = here.start(("/nowhere/at-all",))
    assert none.over.wait(ALL_S)
    assert (bad.output, bad.errors, bad.status) == ("out\n", "no luck\n", 1)
    assert not none.good
    assert "/nowhere/at-all" in none.errors


def test_closing_ends_the_one_that_runs_and_starts_no_other() -> None:
    here = queue()
    runs, waits = here.run("import time; time.sleep(600)"), here.run("pass")
    until(lambda: runs.began is not None)
    asyncio.run(here.close())
    assert (runs.over.is_set(), runs.good, waits.began) == (True, False, None)
    with pytest.raises(QueueFull, match="going down"):
        here.run("pass")


def test_a_job_that_is_ended_may_put_its_things_in_order(tmp_path: Path) -> None:
    seconds, folder = [0.0], tmp_path / "kept"
    here = queue(clock=lambda: seconds[0])
    code = f"""
import os, signal, time
signal.signal(signal.SIGTERM, signal.default_int_handler)
os.mkdir({str(folder)!r})
print("on", flush=True)
try:
    time.sleep(600)
finally:
    os.rmdir({str(folder)!r})
"""
    one = here.run(code)
    until(lambda: one.output)
    seconds[0] = 61.0
    assert one.over.wait(ALL_S)
    assert (one.output, one.ended_for) == ("on\n", "time")
    assert not folder.exists()


def test_without_room_for_its_files_a_job_fails_and_the_next_has_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    here, real, full = queue(), tempfile.TemporaryDirectory, ["no space left"]

    def folder(prefix: str) -> tempfile.TemporaryDirectory[str]:
        if full:
            raise OSError(full.pop())
        return real(prefix=prefix)

    monkeypatch.setattr(tempfile, "TemporaryDirectory", folder)
    bad, good = here.run("pass"), here.run("print('here')")
    assert good.over.wait(ALL_S)
    assert (bad.good, bad.errors, good.output) == (False, "no space left", "here\n")
