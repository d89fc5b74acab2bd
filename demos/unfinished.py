"""What a run has begun to say and not finished: every message and every tool gets an end, or its reader would hang."""

from __future__ import annotations

from collections.abc import Iterator

from demos.events import Draft


class Unfinished:
    """The open messages and tool calls of one run."""

    def __init__(self) -> None:
        self._messages: dict[str, Draft] = {}
        self._tools: dict[str, Draft] = {}

    def note(self, draft: Draft) -> None:
        """Remember a beginning, forget what came to its end."""
        kind, data = draft.data.get("event"), draft.data
        if draft.method == "messages" and kind == "message-start":
            self._messages[data["id"]] = draft
        elif draft.method == "messages" and kind in ("message-finish", "error"):
            self._messages.pop(data.get("id") or "", None)
        elif draft.method == "tools" and kind == "tool-started":
            self._tools[data["tool_call_id"]] = draft
        elif draft.method == "tools" and kind in ("tool-finished", "tool-error"):
            self._tools.pop(data["tool_call_id"], None)

    def ends(self, why: str | None) -> Iterator[Draft]:
        """An end for each, in the order in which they began."""
        for key, begun in self._messages.items():
            yield Draft("messages", {"event": "error", "id": key, "message": why}, begun.namespace, begun.node)
        for key, begun in self._tools.items():
            yield Draft("tools", {"event": "tool-error", "tool_call_id": key, "message": why}, begun.namespace)
