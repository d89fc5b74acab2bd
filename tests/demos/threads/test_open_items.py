from __future__ import annotations

from demos.protocol.events import Draft, Method
from demos.threads.open_items import OpenItems


def test_what_has_begun_and_not_ended_gets_an_end() -> None:
    open_ = OpenItems()
    steps: list[tuple[Method, str, str]] = [
        ("messages", "message-start", "m1"), ("tools", "tool-started", "t1"), ("messages", "message-start", "m2"),
        ("tools", "tool-started", "t2"), ("messages", "message-finish", "m1"), ("tools", "tool-finished", "t2"),
    ]  # fmt: skip
    for method, event, key in steps:
        open_.note(Draft(method, {"event": event, "id" if method == "messages" else "tool_call_id": key}, ("sub",)))
    ends = list(open_.ends("cancelled"))
    assert [dict(draft.data) for draft in ends] == [
        {"event": "error", "id": "m2", "message": "cancelled"},
        {"event": "tool-error", "tool_call_id": "t1", "message": "cancelled"},
    ]
    assert {draft.namespace for draft in ends} == {("sub",)}
    for draft in ends:
        open_.note(draft)
    assert list(open_.ends("cancelled")) == []


def turn(key: str, name: str, **more: object) -> Draft:
    return Draft("tasks", {"id": key, "name": name, **more})


def test_whose_turn_it_is() -> None:
    assert OpenItems().nodes == ()
    open_ = OpenItems()
    over: dict[str, object] = {"result": {}, "error": None, "interrupts": []}
    open_.note(turn("1", "plan", input={}))
    open_.note(Draft("tasks", {"id": "9", "name": "inner", "input": {}}, ("sub",)))
    assert open_.nodes == ("plan",)
    open_.note(turn("1", "plan", **over))
    assert open_.nodes == ("plan",), "never empty between two steps"
    open_.note(turn("2", "look_up", input={}))
    open_.note(turn("3", "ask", input={}))
    open_.note(turn("2", "look_up", **over))
    assert open_.nodes == ("ask",)
    open_.note(turn("3", "ask", **over | {"interrupts": [{"id": "i1"}]}))
    assert open_.nodes == ("ask",), "it waits for a human"
    open_.note(turn("3", "ask", input={}))
    open_.note(turn("3", "ask", **over))
    open_.note(turn("4", "answer", input={}))
    assert open_.nodes == ("answer",)
