"""What was heard, and waited for; the scenarios' own tests show the rest."""

from __future__ import annotations

import threading

import pytest

from demos.harness.commanding_subject import Heard, is_event, text

DELTA = {"method": "messages", "params": {"data": {"event": "content-block-delta", "delta": {"text": "a"}}}}
BEGUN = {"method": "lifecycle", "params": {"data": {"event": "running"}}}


def test_the_first_that_is_wanted_from_a_time_on() -> None:
    heard = Heard()
    for at, frame in ((1.0, DELTA), (2.0, BEGUN), (3.0, BEGUN)):
        heard.listen(frame, at)
    begun = lambda frame: is_event(frame, "lifecycle", "running")  # noqa: E731
    assert [heard.first(begun, after) for after in (0, 2.5, 4)] == [2.0, 3.0, None]
    assert [text(frame) for _, frame in heard.events] == ["a", "", ""]


def test_whoever_waits_hears_of_it_from_another_thread() -> None:
    heard = Heard()
    other = threading.Timer(0.02, heard.listen, (BEGUN, 1.0))
    other.start()
    assert heard.wait(lambda frame: is_event(frame, "lifecycle")) is BEGUN
    other.join()


def test_what_never_comes_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demos.harness.commanding_subject.PATIENCE_S", 0.01)
    with pytest.raises(TimeoutError, match="never came"):
        Heard().wait(lambda frame: True)
