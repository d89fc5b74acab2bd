from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import pytest

from demos.limits import Limits
from demos.protocol.errors import Refusal
from demos.threads.commands import Commands
from demos.threads.registry import Threads
from tests.demos.toys import ToyAgent, backend, loader, never, served, shared_scripted, until

THREAD = str(uuid.uuid4())
ASK = {"input": {"messages": [{"role": "user", "content": "hi"}]}}


def obey(*frames: Any, thread: str = THREAD, **limits: int) -> list[dict[str, Any]]:
    async def scene() -> list[dict[str, Any]]:
        bounds = Limits(**limits)
        commands = Commands(Threads(bounds, loader(ToyAgent()), lambda _: 0), bounds)
        replies = []
        for frame in frames:
            replies.append(commands.obey(thread, frame))
            for _ in range(20):
                await asyncio.sleep(0)
        return replies

    return asyncio.run(scene())


def test_start_answers_with_the_position_before_the_first_event() -> None:
    first, second = obey(
        {"id": 1, "method": "run.start", "params": ASK}, {"id": 2, "method": "run.start", "params": ASK}
    )
    assert (first["type"], first["id"], first["meta"]) == ("success", 1, {"applied_through_seq": 0})
    assert second["meta"]["applied_through_seq"] == 8
    assert first["result"]["run_id"] != second["result"]["run_id"]


def test_respond_alone_and_in_a_batch() -> None:
    approve = ASK | {"config": {"configurable": {"approve": True}}}
    responses = {"responses": [{"interrupt_id": "i1", "response": 1}]}
    for params in ({"interrupt_id": "i1", "namespace": [], "response": "yes"}, responses):
        replies = obey(
            {"id": 1, "method": "run.start", "params": approve}, {"id": 2, "method": "input.respond", "params": params}
        )
        assert replies[1]["type"] == "success", replies
        assert replies[1]["result"]["run_id"] == replies[0]["result"]["run_id"]


@pytest.mark.parametrize("params", [{"interrupt_id": "i1"}, {"responses": [{"interrupt_id": "i1"}]}, {"response": 1}])
def test_a_response_that_is_not_there_is_no_answer(params: dict[str, Any]) -> None:
    """null is one, and has to be said."""
    approve = ASK | {"config": {"configurable": {"approve": True}}}
    start, respond = {"method": "run.start", "params": approve}, {"method": "input.respond", "params": params}
    assert obey(start, respond)[1]["error"] == "invalid_argument"


def test_cancel_says_how_many_tokens_were_made_and_may_be_repeated() -> None:
    cancel = {"method": "run.cancel", "params": {}}
    _, first, second = obey({"method": "run.start", "params": ASK}, cancel, cancel)
    assert first["result"]["tokens"] == second["result"]["tokens"] == 3


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"id": 1, "method": "state.fork"}, "unknown_command"),
        ({"id": 1, "method": ["run.start"]}, "unknown_command"),
        ({}, "unknown_command"),
        ({"method": "run.start"}, "invalid_argument"),
        ({"method": "run.start", "params": {"input": {"messages": []}}}, "invalid_argument"),
        ({"method": "run.start", "params": {"input": {"messages": [{"content": "   "}]}}}, "invalid_argument"),
        ({"method": "run.start", "params": {"input": {"messages": [{"content": "x" * 5000}]}}}, "too_large"),
        ({"method": "run.start", "params": ASK | {"config": 3}}, "invalid_argument"),
        ({"method": "run.start", "params": ASK | {"config": {"configurable": {"rate": -1}}}}, "invalid_argument"),
        ({"method": "input.respond", "params": {"interrupt_id": "i1"}}, "no_such_thread"),
        ({"method": "run.cancel", "params": {"run_id": "r"}}, "no_such_thread"),
    ],
)
def test_mistakes_get_a_reply_with_a_code_and_a_sentence(frame: dict[str, Any], code: int) -> None:
    (reply,) = obey(frame)
    assert (reply["type"], reply["id"], reply["error"]) == ("error", frame.get("id"), code)
    assert reply["message"].endswith(".")


def test_a_thread_id_that_is_no_uuid_makes_no_thread() -> None:
    (reply,) = obey({"method": "run.start", "params": ASK}, thread="x")
    assert reply["error"] == "invalid_argument"


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '"run.start"', "[" * 50_000, b"\xff", "x" * 70_000])
def test_what_is_no_command_is_refused(text: str | bytes) -> None:
    commands = Commands(Threads(Limits(), loader(ToyAgent()), lambda _: 0), Limits())
    with pytest.raises(Refusal):
        commands.parse(text)


def test_half_a_surrogate_pair_in_a_question_hurts_nobody() -> None:
    (reply,) = obey({"method": "run.start", "params": {"input": {"messages": [{"content": "a\ud800"}]}}})
    assert reply["type"] == "success"


def test_half_a_surrogate_pair_in_a_response_does_not_spoil_the_state() -> None:
    with served(backend(shared_scripted())) as site:
        thread = site.thread()
        site.start(thread, approve=True, n_tokens=2)
        until(lambda: site.http.get(f"/threads/{thread}").json()["status"] == "interrupted")
        (asked,) = site.http.get(f"/threads/{thread}/state").json()["tasks"]
        frame = {"id": 1, "method": "input.respond", "params": {"interrupt_id": asked["id"], "response": "a\ud800"}}
        site.http.post(f"/threads/{thread}/commands", content=json.dumps(frame))
        until(lambda: site.http.get(f"/threads/{thread}").json()["status"] == "idle")
        assert site.http.get(f"/threads/{thread}/state").json()["values"]["remark"] == "a?"


@pytest.mark.parametrize(
    "response",
    [
        "[" * 400 + "]" * 400,
        '{"\\ud800": 1}',
        '{"a": ["x\\ud83d"]}',
        "18446744073709551616",
        "[1e2, -" + "9" * 20 + "]",
    ],
)
def test_a_response_that_cannot_be_kept_is_refused_and_the_question_waits(
    response: str, caplog: pytest.LogCaptureFixture
) -> None:
    with served(backend(shared_scripted())) as site:
        thread = site.thread()
        site.start(thread, approve=True, n_tokens=2)
        until(lambda: site.http.get(f"/threads/{thread}").json()["status"] == "interrupted")
        (asked,) = site.http.get(f"/threads/{thread}/state").json()["tasks"]
        frame = '{"id": 1, "method": "input.respond", "params": {"interrupt_id": %s, "response": %s}}'
        said = site.http.post(f"/threads/{thread}/commands", content=frame % (json.dumps(asked["id"]), response)).json()
        assert (said["type"], said["error"]) == ("error", "invalid_argument")
        assert site.http.get(f"/threads/{thread}").json()["status"] == "interrupted"
        good = site.command(thread, "input.respond", interrupt_id=asked["id"], response="yes")
        assert good["type"] == "success"
        until(lambda: site.http.get(f"/threads/{thread}").json()["status"] == "idle")
    assert not [record for record in caplog.records if record.exc_info]


def test_a_failure_that_was_asked_for_is_a_line_and_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    with served(backend(shared_scripted())) as site:
        thread = site.thread()
        site.start(thread, n_tokens=9, fail_at=3)
        until(lambda: site.http.get(f"/threads/{thread}").json()["status"] == "error")
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("approve", [True, False])
def test_responding_with_nothing_starts_nothing(approve: bool) -> None:
    """It once began a second task beside the run, which then had several ends and could not be stopped."""
    start = {"method": "run.start", "params": ASK | {"config": {"configurable": {"approve": approve}}}}
    empty = {"id": 2, "method": "input.respond", "params": {"responses": []}}
    for reply in obey(start, empty, empty)[1:]:
        assert (reply["type"], reply["error"]) == ("error", "invalid_argument")


@pytest.mark.parametrize(
    "given", ['{"id": NaN}', '{"id": 1e999}', '{"id": []}', '{"id": "\\ud800"}', '{"x": -Infinity}']
)
def test_a_frame_that_could_not_be_answered_is_refused(given: str) -> None:
    bounds = Limits()
    with pytest.raises(Refusal):
        Commands(Threads(bounds, loader(ToyAgent()), lambda _: 0), bounds).parse(given)


@pytest.mark.parametrize("run_id", [[], {}, 5, True, "nope"])
def test_a_run_id_of_any_kind_is_answered(run_id: Any) -> None:
    _, reply = obey({"method": "run.start", "params": ASK}, {"method": "run.cancel", "params": {"run_id": run_id}})
    assert (reply["type"], reply["error"]) == ("error", "no_such_run")


def test_a_number_too_large_for_a_float_is_out_of_range() -> None:
    params = ASK | {"config": {"configurable": {"rate": 10**400}}}
    [reply] = obey({"method": "run.start", "params": params})
    assert (reply["type"], reply["error"]) == ("error", "invalid_argument")


INJECT = {"id": 2, "method": "input.inject", "params": {"message": {"role": "user", "content": "shorter"}}}


def writing(*frames: Any, steerable: bool = True, **limits: int) -> list[dict[str, Any]]:
    """Replies to commands while a run is being written that never ends by itself."""

    async def scene() -> list[dict[str, Any]]:
        bounds = Limits(**limits)
        commands = Commands(Threads(bounds, loader(ToyAgent(never)), lambda _: 0), bounds, steerable)
        start = {"id": 1, "method": "run.start", "params": ASK}
        replies = [commands.obey(THREAD, frame) for frame in (start, *frames)]
        commands.obey(THREAD, {"method": "run.cancel"})
        await asyncio.sleep(0)
        return replies[1:]

    return asyncio.run(scene())


def test_a_run_that_writes_takes_input_and_says_from_where_it_can_be_heard() -> None:
    (reply,) = writing(INJECT)
    assert reply == {"type": "success", "id": 2, "result": {}, "meta": {"applied_through_seq": 1}}


def test_without_a_run_that_writes_nobody_would_hear_it() -> None:
    started, early, late = obey({"method": "run.start", "params": ASK}, INJECT, INJECT)
    assert started["type"] == "success"
    for reply in (early, late):  # the toy has written its three words meanwhile
        assert (reply["error"], "nobody would hear it" in reply["message"]) == ("no_such_run", True)
    assert obey(INJECT)[0]["error"] == "no_such_thread"


def test_a_model_that_does_not_listen_says_so_and_not_that_no_run_is_there() -> None:
    [reply] = writing(INJECT, steerable=False)
    assert (reply["error"], "Allowed: run.cancel." in reply["message"]) == ("not_supported", True)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "invalid_argument"),
        ({"message": "shorter"}, "invalid_argument"),
        ({"message": {"role": "user", "content": " "}}, "invalid_argument"),
        ({"message": {"role": "user", "content": 3}}, "invalid_argument"),
        ({"message": {"role": "system", "content": "shorter"}}, "invalid_argument"),
        ({"message": {"role": "user", "content": "x" * 501}}, "too_large"),
        ({"message": {"role": "user", "content": "shorter"}, "namespace": ["child:1"]}, "no_such_namespace"),
    ],
)
def test_an_input_that_cannot_be_taken_is_refused_with_a_sentence(params: dict[str, Any], code: str) -> None:
    [reply] = writing({"id": 3, "method": "input.inject", "params": params})
    assert (reply["error"], reply["message"][-1]) == (code, ".")


def test_one_run_takes_so_many_inputs() -> None:
    replies = writing(INJECT, INJECT, INJECT, inputs=2)
    assert [reply.get("error") for reply in replies] == [None, None, "too_many_inputs"]


def test_a_response_that_is_repeated_says_so() -> None:
    approve = ASK | {"config": {"configurable": {"approve": True}}}
    respond = {"method": "input.respond", "params": {"interrupt_id": "i1", "response": "yes"}}
    other = {"method": "input.respond", "params": {"interrupt_id": "i1", "response": "no"}}
    _, first, second, third = obey({"method": "run.start", "params": approve}, respond, respond, other)
    assert (first["result"]["repeated"], second["result"]["repeated"], third["error"]) == (
        False,
        True,
        "no_such_interrupt",
    )
