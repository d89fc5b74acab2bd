"""The forms in which one answer may be sent, and the wires on which they are weighed: names only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

V2_EVENTS, MESSAGES, PROTOCOL, TOKENS = FORMS = ("v2_events", "messages", "protocol", "tokens")
"""Every event of `astream_events`; `(message, metadata)` of `astream`; what our log holds; the text alone."""
WIRES: Final = ("sse", "sse_gzip", "websocket", "websocket_deflate")
COMPRESSED: Final[Sequence[tuple[str, str]]] = (("sse", "gzip"), ("websocket", "deflate"))
