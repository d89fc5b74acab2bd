"""Every setting of the server, read once from the environment. Times in seconds, sizes in bytes."""

from __future__ import annotations

import os


def _names(variable: str, default: str = "") -> list[str]:
    return [name.strip() for name in os.environ.get(variable, default).split(",") if name.strip()]


HOST = os.environ.get("HOST", "127.0.0.1")
"""Where the server listens; 0.0.0.0 for everybody."""
PORT = int(os.environ.get("PORT", "{{port 8000}}"))
"""The port that it listens on."""
ALLOWED_HOSTS = _names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
"""Names that a request may give in its Host header, without a port; * allows all."""
ALLOWED_ORIGINS = _names("ALLOWED_ORIGINS")
"""Other origins whose pages may send commands, such as https://example.com. The server's own may always."""

HEARTBEAT_S = float(os.environ.get("HEARTBEAT_SECONDS", "{{heartbeat 15}}"))
"""A stream that has nothing to say says so after this time: well below what the path takes for dead."""
SEND_S = float(os.environ.get("SEND_SECONDS", "30"))
"""A reader that takes nothing for so long is cut off. It may come back and go on."""
RUN_S = float(os.environ.get("RUN_SECONDS", "600"))
"""A graph that works for longer, without a question, is stopped."""
KEEP_S = float(os.environ.get("KEEP_SECONDS", "3600"))
"""A run is forgotten so long after its last event; so is a question that nobody answers."""

MOST_PROMPT = 4000
MOST_BODY = int(os.environ.get("MOST_BODY", "2000000"))
"""Size of a request, or of a message on a WebSocket."""
MOST_RUN_BYTES = int(os.environ.get("MOST_RUN_BYTES", "4000000"))
"""Size of the events of one run. A longer answer fails, and says so."""
MOST_BYTES = int(os.environ.get("MOST_BYTES", "256000000"))
"""Size of the events of all runs. The oldest finished runs make room."""
MOST_RUNS = int(os.environ.get("MOST_RUNS", "200"))
"""Runs of all users that go on, or wait for an answer."""
MOST_RUNS_OF_ONE = int(os.environ.get("MOST_RUNS_OF_ONE", "20"))
"""Runs of one user that go on, or wait for an answer."""
MOST_STREAMS_OF_ONE = int(os.environ.get("MOST_STREAMS_OF_ONE", "40"))
"""Open streams of one user."""
