"""What a probe may cost."""

from __future__ import annotations

import threading

import pytest

from demos.probe.agent_streams import AT_ONCE, LARGE, SHORT
from demos.probe.budget import (
    IN_TURN_S,
    LARGE_S,
    LONG_S,
    MOST_REQUESTS,
    PATIENCE_S,
    SILENCE_S,
    Budget,
    TooMany,
    at_once,
    longest_s,
)
from guide.book import book


def test_requests_are_counted_and_limited() -> None:
    budget = Budget(most=2)
    budget.spend()
    budget.spend()
    with pytest.raises(TooMany, match="at most 2"):
        budget.spend()
    assert budget.made == 2
    assert budget.seconds >= 0


def test_the_page_says_how_many_requests_a_probe_makes() -> None:
    assert f"at most {MOST_REQUESTS} requests" in book().words["probe.page.probe"]


def test_a_probe_takes_less_than_three_minutes_unless_told_otherwise() -> None:
    assert longest_s() < 180
    assert longest_s(SILENCE_S, LONG_S, PATIENCE_S) == longest_s()
    assert longest_s(silence_s=300) > 300
    assert LARGE.seconds < LARGE_S
    assert longest_s(1, 1, PATIENCE_S, 1) == longest_s(LARGE_S, 1, PATIENCE_S, 1)


def test_streams_that_are_served_one_after_another_are_waited_for_though_each_takes_a_second_more() -> None:
    assert AT_ONCE * (SHORT.seconds + 1) < PATIENCE_S + IN_TURN_S + SHORT.seconds
    assert SHORT.seconds + 1 <= 2, "what the longest probe counts beside patience"


def test_jobs_run_together_and_keep_their_order() -> None:
    meet = threading.Barrier(2)
    assert at_once([lambda: meet.wait(5) and "a" or "a", lambda: meet.wait(5) and "b" or "b"], 10) == ["a", "b"]


def test_one_that_takes_too_long_is_left_behind() -> None:
    over = threading.Event()
    try:
        assert at_once([lambda: over.wait(60), lambda: True], 0.1) == [None, True]
    finally:
        over.set()


def test_what_a_job_raises_is_raised() -> None:
    def fails() -> None:
        raise TooMany("no")

    with pytest.raises(TooMany):
        at_once([fails], 5)
