"""Events of a run in the envelope of LangChain's agent streaming protocol, encoded once for both transports.

The names are those of the protocol (https://github.com/langchain-ai/agent-protocol, `streaming/`), in snake case.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from demos.protocol import sse

Method = Literal[
    "messages", "lifecycle", "tools", "input.requested", "updates", "values", "checkpoints", "tasks", "custom"
]
CHANNELS = ("messages", "lifecycle", "tools", "input", "updates", "values", "checkpoints", "tasks", "custom")
ANSWER = "answer"
"""The graph's node whose text deltas are *the* tokens."""

Note = Mapping[str, Any]
"""A fact of a thread that is no event, as JSON: the settings of a run, a response, an input."""

TOKEN_MARK = b'"node":"answer","data":{"event":"content-block-delta"'
"""In every encoded token of an answer, on both transports, and nowhere else: text in an event has its quotes escaped.
Who only forwards bytes counts tokens by it."""
QUESTION_MARK = b'"method":"input.requested"'
"""The same, for a question to a human."""

PING = json.dumps({"type": "ping"})
"""A heartbeat as a WebSocket frame: pages cannot see the protocol's own pings."""
PING_SSE = sse.encode("{}", event="ping")
"""For pages: EventSource hides comments from them. Without an id, so that it changes no client's position."""
PING_COMMENT = b": ping\n\n"
"""For clients that read the stream themselves and take everything with data for an event, as LangGraph's SDK does."""


def encode(value: Any) -> str:
    """Compact JSON that can always be sent as UTF-8."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which JSON may spell out and UTF-8 may not
        return json.dumps(value, separators=(",", ":"))
    return text


@dataclass(frozen=True)
class Draft:
    """An event that has no number yet."""

    method: Method
    data: Mapping[str, Any]
    namespace: tuple[str, ...] = ()
    node: str | None = None
    pieces: int = 1
    """How many pieces of text were joined in this one."""
    note: Note | None = None
    """What no client is told, and whoever goes on with the run elsewhere must know."""

    @property
    def is_token(self) -> bool:
        """Whether this is a piece of the answer's text."""
        return self.node == ANSWER and self.text is not None

    @property
    def text(self) -> str | None:
        """The text that this adds to a message; None where it adds none."""
        if self.method != "messages" or self.data.get("event") != "content-block-delta":
            return None
        delta = self.data.get("delta") or {}
        return delta.get("text") if delta.get("type") == "text-delta" else None

    @property
    def ends_run(self) -> bool:
        """A root `completed` or `failed`: the one terminal event of a run."""
        root = self.method == "lifecycle" and not self.namespace
        return root and self.data.get("event") in ("completed", "failed")


@dataclass(frozen=True)
class Event:
    """A numbered event, encoded: `text` is the WebSocket frame, `frame` the same bytes in an event stream."""

    seq: int
    draft: Draft
    text: str = field(repr=False)
    frame: bytes = field(repr=False)
    size: int = 0
    """Bytes of the text."""

    @classmethod
    def number(cls, draft: Draft, seq: int, epoch: str, timestamp_ms: int) -> Event:
        """Give a draft its place. `epoch` names the log: a position in another log is none in this one, and clients
        drop ids that they saw before. Both transports carry the same id.
        """
        event_id = f"{epoch}-{seq}"
        params: dict[str, Any] = {"namespace": list(draft.namespace), "timestamp": timestamp_ms}
        if draft.node is not None:
            params["node"] = draft.node
        params["data"] = draft.data
        text = encode({"type": "event", "event_id": event_id, "seq": seq, "method": draft.method, "params": params})
        return cls(seq, draft, text, sse.encode(text, event=draft.method, id=event_id), len(text.encode()))


def failure(code: str, message: str) -> str:
    """An error that answers no command: a stream tells its reader what went wrong with the stream."""
    return encode({"type": "error", "id": None, "error": code, "message": message})
