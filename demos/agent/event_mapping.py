"""Maps langgraph's v3 events to drafts of the streaming protocol. Imports nothing from langgraph."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from demos.protocol.events import ANSWER, Draft

_ATOMS = frozenset((str, int, float, bool, type(None)))
_LIFECYCLE = frozenset(("started", "running", "completed", "failed", "interrupted"))


class Mapper:
    """Translates one stream of events. Remembers which message is being written where, and what was interrupted."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, ...], str] = {}
        self._interrupted: dict[str, tuple[tuple[str, ...], Any]] = {}

    def drafts(self, event: Mapping[str, Any]) -> Iterator[Draft]:
        """What one event becomes: mostly one draft; none where the protocol has no word for it."""
        params = event["params"]
        namespace = tuple(params.get("namespace") or ())
        for one in params.get("interrupts") or ():
            self._interrupted[one.id] = (namespace, one.value)
        translate = getattr(self, f"_{event['method'].replace(':', '_')}", None)
        if translate is not None:
            yield from translate(namespace, params["data"])

    def interrupts(self) -> Iterator[Draft]:
        """What a human was asked, once the graph has come to rest."""
        for key, (namespace, value) in self._interrupted.items():
            # The protocol says `payload`, the Python SDK reads `value`: both.
            data = {"interrupt_id": key, "payload": plain(value), "value": plain(value)}
            yield Draft("input.requested", data, namespace)

    def _messages(self, namespace: tuple[str, ...], data: tuple[Any, Mapping[str, Any]]) -> Iterator[Draft]:
        said, about = data
        if not isinstance(said, Mapping):
            return  # a whole message that was not streamed: a tool's, already told by `tools` and `values`
        node = about.get("langgraph_node")
        key = (*namespace, str(about.get("run_id")))
        said = plain(dict(said))
        if said["event"] == "message-start":
            self._open[key] = said["id"]
            said["metadata"] = {"langgraph_node": node}
        # Without an id on every event two messages written at once cannot be told apart.
        said.setdefault("id", self._open.get(key))
        if said["event"] in ("message-finish", "error"):
            self._open.pop(key, None)
        yield Draft("messages", said, namespace, node)

    def _tools(self, namespace: tuple[str, ...], data: Mapping[str, Any]) -> Iterator[Draft]:
        yield Draft("tools", plain(data), namespace)

    def _custom(self, namespace: tuple[str, ...], data: Any) -> Iterator[Draft]:
        named = isinstance(data, Mapping) and set(data) == {"name", "payload"}
        yield Draft("custom", plain(data) if named else {"payload": plain(data)}, namespace)

    def _updates(self, namespace: tuple[str, ...], data: Mapping[str, Any]) -> Iterator[Draft]:
        for node, values in data.items():
            if node != "__interrupt__":
                yield Draft("updates", {"node": node, "values": plain(values or {})}, namespace)

    def _values(self, namespace: tuple[str, ...], data: Any) -> Iterator[Draft]:
        yield Draft("values", plain(data), namespace)

    def _checkpoints(self, namespace: tuple[str, ...], data: Mapping[str, Any]) -> Iterator[Draft]:
        parent = (data.get("parent_config") or {}).get("configurable", {}).get("checkpoint_id")
        about = data.get("metadata") or {}
        cut = {
            "id": data["config"]["configurable"]["checkpoint_id"],
            "step": about.get("step"),
            "source": about.get("source"),
        }
        yield Draft("checkpoints", cut | ({"parent_id": parent} if parent else {}), namespace)

    def _custom_tasks(self, namespace: tuple[str, ...], data: tuple[list[str], Mapping[str, Any]]) -> Iterator[Draft]:
        """A node's turn: begun (with its input), and over (with its result, an error, or a question to a human)."""
        where, task = data
        yield Draft("tasks", plain(task), tuple(where))

    def _lifecycle(self, namespace: tuple[str, ...], data: Mapping[str, Any]) -> Iterator[Draft]:
        """A subgraph's. Its own namespace belongs outside: left inside, it reads as the root run's end."""
        child = tuple(data.get("namespace") or namespace)
        if child and data.get("event") in _LIFECYCLE:
            yield Draft("lifecycle", plain({key: value for key, value in data.items() if key != "namespace"}), child)


def said_again(messages: Iterable[Any]) -> Iterator[Draft]:
    """Messages that a graph remembers, as the drafts of which they were made: text, a tool's call and its result."""
    calls: dict[str, Mapping[str, Any]] = {}
    for message in messages:
        if message.type == "tool" and (call := calls.get(message.tool_call_id)) is not None:
            about = {"tool_call_id": call["id"]}
            yield Draft("tools", {"event": "tool-started", **about, "tool_name": call["name"], "input": call["args"]})
            yield Draft("tools", {"event": "tool-finished", **about, "output": plain(message)})
        if message.type != "ai":
            continue
        calls |= {call["id"]: call for call in message.tool_calls}
        node, text = "plan" if message.tool_calls else ANSWER, str(message.text)
        events: list[dict[str, Any]] = [
            {"event": "message-start", "role": "ai", "metadata": {"langgraph_node": node}},
            {"event": "content-block-start", "index": 0, "content": {"type": "text", "text": ""}},
            {"event": "content-block-delta", "index": 0, "delta": {"type": "text-delta", "text": text}},
        ]
        for index, call in enumerate(message.tool_calls):
            name = {"type": "tool_call_chunk", "id": call["id"], "name": call["name"], "args": "", "index": index}
            args = {"type": "tool-call-delta", "args": json.dumps(call["args"])}
            events.append({"event": "content-block-start", "index": index + 1, "content": name})
            events.append({"event": "content-block-delta", "index": index + 1, "delta": args})
        events.append({"event": "content-block-finish", "index": 0, "content": {"type": "text", "text": text}})
        events.extend(
            {"event": "content-block-finish", "index": index + 1, "content": {"type": "tool_call", **call}}
            for index, call in enumerate(message.tool_calls)
        )
        for event in (*events, {"event": "message-finish"}):
            yield Draft("messages", {**event, "id": message.id}, (), node)


def plain(value: Any) -> Any:
    """Anything a graph holds, as JSON: messages become objects, what JSON cannot say becomes text."""
    # Exact types first: they are nearly everything, and every token of every answer passes here.
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is dict:
        return {str(key): plain(item) for key, item in value.items()}
    if hasattr(value, "model_dump"):
        return plain(value.model_dump(mode="json"))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
