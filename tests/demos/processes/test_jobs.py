import os
import sys
import time

import pytest

from demos.limits import Limits
from demos.processes.jobs import Attempts, Full

ALL_S = 20


def attempts(**limits):
    """Whose children are scripts of Python."""
    return Attempts(Limits(**limits), (sys.executable, "-c"))


def until(met):
    ends = time.monotonic() + ALL_S
    while not met():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_what_a_child_says_is_there_as_it_says_it_and_is_kept():
    here = attempts()
    one = here.start("import time; print('first', flush=True); time.sleep(3); print('last')")
    until(lambda: one.said == "first\n")
    assert not one.over.is_set()
    assert one.over.wait(ALL_S)
    assert (one.said, one.status, one.good) == ("first\nlast\n", 0, True)
    assert here.get(one.id) is one
    assert here.get("nobody") is None


def test_one_at_a_time_the_rest_in_their_order_and_no_crowd(tmp_path):
    here = attempts(attempts_waiting=2)
    write = f"import time; open({str(tmp_path / 'log')!r}, 'a').write('%s began\\n'); time.sleep(.2); "
    write += f"open({str(tmp_path / 'log')!r}, 'a').write('%s ended\\n')"
    made = [here.start(write % (n, n)) for n in "123"]
    assert [here.before(one) for one in made] == [0, 1, 2]
    with pytest.raises(Full, match="One trial goes on and 2 wait"):
        here.start("pass")
    assert made[-1].over.wait(ALL_S)
    told = (tmp_path / "log").read_text().splitlines()
    assert told == [f"{n} {what}" for n in "123" for what in ("began", "ended")]
    assert [here.before(one) for one in made] == [0, 0, 0]


def test_one_that_takes_too_long_is_ended_and_is_no_success():
    here = attempts(attempt_seconds=1)
    one = here.start("import os, time; print(os.getpid(), flush=True); time.sleep(60)")
    assert one.over.wait(ALL_S)
    assert (one.status, one.good) == (None, False)
    with pytest.raises(ProcessLookupError):
        os.kill(int(one.said.split()[0]), 0)


def test_a_child_that_fails_tells_its_status_and_the_next_has_its_turn():
    here = attempts()
    bad, good = here.start("raise SystemExit(3)"), here.start("print('here')")
    assert good.over.wait(ALL_S)
    assert (bad.status, bad.good, good.said) == (3, False, "here\n")


def test_the_oldest_finished_one_makes_room():
    here = attempts(attempts=2)
    made = []
    for _ in range(3):
        made.append(here.start("pass"))
        assert made[-1].over.wait(ALL_S)
    assert [here.get(one.id) is one for one in made] == [False, True, True]
