from __future__ import annotations

import json

from demos.protocol.events import TOKEN_MARK, Draft, Event, encode, failure
from demos.protocol.sse import Decoder


def test_both_views_of_an_event_are_the_same_bytes() -> None:
    draft = Draft(
        "messages", {"event": "content-block-delta", "delta": {"type": "text-delta", "text": "ü\n"}}, node="answer"
    )
    event = Event.number(draft, 7, "boot", 1234)
    (message,) = Decoder().feed(event.frame)
    assert message.data == event.text
    assert (message.event, message.last_event_id) == ("messages", "boot-7")
    assert json.loads(event.text) == {
        "type": "event",
        "event_id": "boot-7",
        "seq": 7,
        "method": "messages",
        "params": {"namespace": [], "timestamp": 1234, "node": "answer", "data": draft.data},
    }


def test_only_text_of_the_answer_is_a_token() -> None:
    delta = {"event": "content-block-delta", "delta": {"type": "text-delta", "text": "a"}}
    assert Draft("messages", delta, node="answer").is_token
    assert not Draft("messages", delta, node="plan").is_token
    assert not Draft(
        "messages", {"event": "content-block-delta", "delta": {"type": "tool-call-delta"}}, node="answer"
    ).is_token


def test_a_token_holds_the_mark_once_and_nothing_else_does() -> None:
    mark = TOKEN_MARK.decode()
    told = [
        Draft("messages", {"event": "content-block-delta", "delta": {"type": "text-delta", "text": mark}}, (), node)
        for node in ("answer", "plan")
    ]
    told.append(Draft("updates", {"node": "answer", "values": {"messages": [mark, TOKEN_MARK.decode("latin-1")]}}))
    events = [Event.number(draft, 1, "boot", 1) for draft in told]
    assert [event.frame.count(TOKEN_MARK) for event in events] == [draft.is_token for draft in told] == [1, 0, 0]
    assert [event.text.encode().count(TOKEN_MARK) for event in events] == [1, 0, 0]


def test_only_a_root_completed_or_failed_ends_a_run() -> None:
    assert Draft("lifecycle", {"event": "failed"}).ends_run
    assert not Draft("lifecycle", {"event": "interrupted"}).ends_run
    assert not Draft("lifecycle", {"event": "completed"}, ("child:1",)).ends_run


def test_half_a_surrogate_pair_can_still_be_sent() -> None:
    assert json.loads(encode({"text": "\ud800"}).encode()) == {"text": "\ud800"}


def test_a_failure_answers_no_command() -> None:
    assert json.loads(failure("gap", "lost"))["id"] is None
