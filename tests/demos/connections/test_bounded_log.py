"""Whatever strangers do a thousand times, the log says it a few times, and in short lines."""

from __future__ import annotations

import logging
import sys

import pytest

from demos.connections.bounded_log import MOST_CHARS, MOST_LINES, PERIOD_S, BoundedLog, bounded_logs


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def record(said: str, *values: object, exc_info: object = None) -> logging.LogRecord:
    return logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, said, values, exc_info)  # type: ignore[arg-type]


def test_lines_of_a_kind_are_few_and_what_was_left_out_is_counted() -> None:
    clock = Clock()
    bound = BoundedLog(clock)
    passed = [bound.filter(record("refused %s", n)) for n in range(1000)]
    assert sum(passed) == MOST_LINES
    assert bound.filter(record("something else"))
    clock.seconds = PERIOD_S
    assert bound.filter(later := record("refused %s", "again"))
    assert later.getMessage() == f"refused again ({1000 - MOST_LINES} more like it were left out)"


def test_lines_that_are_each_of_their_own_kind_keep_little() -> None:
    bound = BoundedLog(Clock())
    for n in range(10_000):
        bound.filter(record(f"line {n}"))
    assert len(bound._kinds) <= MOST_LINES * MOST_LINES


def test_a_line_is_short() -> None:
    long = record("from %s", "x" * 5000)
    assert BoundedLog().filter(long)
    assert len(long.getMessage()) < MOST_CHARS + 10


def test_what_a_client_did_has_no_traceback_and_our_refusals_are_no_errors() -> None:
    try:
        raise UnicodeDecodeError("utf-8", b"", 0, 1, "x")
    except UnicodeDecodeError:
        theirs = record("Invalid UTF-8 sequence received from client.", exc_info=sys.exc_info())
        ours = record("an answer failed", exc_info=sys.exc_info())
    assert BoundedLog().filter(theirs)
    assert theirs.exc_info is None
    assert BoundedLog().filter(ours)
    assert ours.exc_info is not None
    assert not BoundedLog().filter(record("ASGI callable returned without completing handshake."))


def test_streamlits_own_loggers_are_bounded_too() -> None:
    """One socket of a page once wrote 0.7 MB a second."""
    heard: list[str] = []
    logger = logging.getLogger("streamlit.runtime.toy")
    handler = logging.Handler()
    handler.emit = lambda record: heard.append(record.getMessage())  # type: ignore[method-assign]
    logger.addHandler(handler)
    with bounded_logs():
        for _ in range(1000):
            logger.warning('No handler for "None"')
    logger.removeHandler(handler)
    assert len(heard) == MOST_LINES


def test_it_is_on_while_the_block_lasts(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("of this test alone")
    with bounded_logs([logger.name]), caplog.at_level(logging.ERROR, logger.name):
        for _ in range(100):
            logger.error("Invalid HTTP request received.")
        assert len(caplog.records) == MOST_LINES
    assert not logger.filters
