"""Names of the forms of one answer, and of the transports on which their size is measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

V2_EVENTS, MESSAGES, PROTOCOL, TOKENS = FORMS = ("v2_events", "messages", "protocol", "tokens")
"""Every event of `astream_events`; `(message, metadata)` of `astream`; what our log holds; the text alone."""
WIRES: Final = ("sse", "sse_gzip", "websocket", "websocket_deflate")
COMPRESSED: Final[Sequence[tuple[str, str]]] = (("sse", "gzip"), ("websocket", "deflate"))
