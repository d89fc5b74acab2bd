from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from demos.agent.event_mapping import Mapper, plain


def event(method: str, data: Any, namespace: Sequence[str] = (), **params: Any) -> dict[str, Any]:
    return {
        "type": "event",
        "method": method,
        "params": {"namespace": list(namespace), "timestamp": 1, "data": data, **params},
    }


def test_every_message_event_gets_its_messages_id() -> None:
    mapper = Mapper()
    about = [{"langgraph_node": node, "run_id": node} for node in ("a", "b")]
    for each, id in zip(about, "12", strict=True):
        list(mapper.drafts(event("messages", ({"event": "message-start", "id": id}, each))))
    deltas = [next(mapper.drafts(event("messages", ({"event": "content-block-delta"}, each)))) for each in about]
    assert [(draft.node, draft.data["id"]) for draft in deltas] == [("a", "1"), ("b", "2")]


def test_a_subgraphs_lifecycle_is_not_the_roots() -> None:
    (draft,) = Mapper().drafts(event("lifecycle", {"event": "completed", "namespace": ["child:1"]}))
    assert draft.namespace == ("child:1",)
    assert not draft.ends_run
    assert list(Mapper().drafts(event("lifecycle", {"event": "drained", "namespace": ["child:1"]}))) == []


def test_interrupts_wait_until_the_graph_has_come_to_rest() -> None:
    mapper = Mapper()
    asked = SimpleNamespace(id="i1", value={"question": "Sure?"})
    assert [draft.method for draft in mapper.drafts(event("values", {}, interrupts=(asked,)))] == ["values"]
    (draft,) = mapper.interrupts()
    assert draft.data == {"interrupt_id": "i1", "payload": {"question": "Sure?"}, "value": {"question": "Sure?"}}


def test_checkpoints_are_cut_down_and_updates_split_by_node() -> None:
    config = {"configurable": {"checkpoint_id": "c2"}}
    parent = {"configurable": {"checkpoint_id": "c1"}}
    data = {"config": config, "parent_config": parent, "metadata": {"step": 1, "source": "loop"}, "values": {"big": 1}}
    (draft,) = Mapper().drafts(event("checkpoints", data))
    assert draft.data == {"id": "c2", "parent_id": "c1", "step": 1, "source": "loop"}
    drafts = list(Mapper().drafts(event("updates", {"plan": {"x": 1}, "ask": None, "__interrupt__": ()})))
    assert [draft.data for draft in drafts] == [{"node": "plan", "values": {"x": 1}}, {"node": "ask", "values": {}}]


def test_whole_messages_and_unknown_methods_become_nothing() -> None:
    assert list(Mapper().drafts(event("messages", (object(), {})))) == []
    assert list(Mapper().drafts(event("tasks", {}))) == []


def test_what_json_cannot_say_becomes_text() -> None:
    assert plain({1: (object,), "b": {2}}) == {"1": [str(object)], "b": [2]}
