"""Tracks a run's unfinished messages and tool calls, so that each gets an end event and no reader hangs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from demos.protocol.events import Draft


class OpenItems:
    """The open messages and tool calls of one run, and its current graph nodes."""

    def __init__(self) -> None:
        self._messages: dict[str, Draft] = {}
        self._tools: dict[str, Draft] = {}
        self._nodes: dict[str, tuple[str, bool]] = {}
        """Of the graph's newest step: task id -> (node name, whether it has finished)."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """Nodes of the graph that run or wait for a human; between two steps, those of the last step."""
        open_ = tuple(name for name, over in self._nodes.values() if not over)
        return open_ or tuple(name for name, _ in self._nodes.values())

    def note(self, draft: Draft) -> None:
        """Record the start or the end of a message, a tool call or a node."""
        kind, data = draft.data.get("event"), draft.data
        if draft.method == "messages" and kind == "message-start":
            self._messages[data["id"]] = draft
        elif draft.method == "messages" and kind in ("message-finish", "error"):
            self._messages.pop(data.get("id") or "", None)
        elif draft.method == "tools" and kind == "tool-started":
            self._tools[data["tool_call_id"]] = draft
        elif draft.method == "tools" and kind in ("tool-finished", "tool-error"):
            self._tools.pop(data["tool_call_id"], None)
        elif draft.method == "tasks" and not draft.namespace:
            self._turn(data)

    def _turn(self, task: Mapping[str, Any]) -> None:
        begun = "input" in task
        if begun and all(over for _, over in self._nodes.values()):
            self._nodes.clear()
        # A node that asks a human finishes, and runs again with the same id after the answer.
        self._nodes[task["id"]] = task["name"], not begun and not task["interrupts"]

    def ends(self, why: str | None) -> Iterator[Draft]:
        """Yield an end event for each open item, messages first, in the order of their start."""
        for key, begun in self._messages.items():
            yield Draft("messages", {"event": "error", "id": key, "message": why}, begun.namespace, begun.node)
        for key, begun in self._tools.items():
            yield Draft("tools", {"event": "tool-error", "tool_call_id": key, "message": why}, begun.namespace)
