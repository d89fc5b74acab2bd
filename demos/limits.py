"""All limits of the demo server, in one place. Each refusal states its limit in a sentence.

Each field can be set from the environment as STREAMWISE_MAX_<FIELD>, for example STREAMWISE_MAX_THREADS=50.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

PREFIX = "STREAMWISE_MAX_"


@dataclass(frozen=True)
class Limits:
    """What one process takes on before it says no."""

    threads: int = 200
    """Threads kept. When full, the idlest finished thread of whoever has most makes room; never one that is read, is
    written, or waits for a human. If there is none, a new one is refused (503)."""
    client_threads: int = 100
    """The same, per client address: the idlest finished thread of that address makes room (429)."""
    runs: int = 50
    """Runs that are being written at the same moment, with the answers of /api/stream and /api/ws (503)."""
    client_runs: int = 25
    """The same, per client address (429)."""
    turns: int = 100
    """Runs on one thread, whose state grows with each (400)."""
    thread_events: int = 20_000
    """Events kept per thread; the oldest are evicted, and a reader who still wants them is told so."""
    thread_bytes: int = 4_000_000
    """Bytes kept per thread, counted as encoded JSON; same eviction. An event of one token takes seven times as much
    memory as it is counted for, a large one twice."""
    connections: int = 2_000
    """Connections open in all; fewer where the system has fewer descriptors. A silent one makes room for a new one."""
    client_connections: int = 1_000
    """The same, per client address; never more than three quarters of all."""
    streams: int = 400
    """Open event streams in all, both transports (503)."""
    client_streams: int = 100
    """Open event streams per client address (429)."""
    pings: int = 1_000
    """Heartbeats a second that all streams together may ask for (429)."""
    client_pings: int = 100
    """The same, for the streams of one client address."""
    socket_subscriptions: int = 8
    """Subscriptions on one WebSocket."""
    write_seconds: int = 30
    """How long a stream may take nothing of what is written to it, before it is dropped (4408, or a reset)."""
    close_seconds: int = 5
    """How long the last word of a stream may take, before its connection is reset."""
    silent_seconds: int = 60
    """How long a peer may acknowledge nothing, or keep its window shut, before the system drops it. Linux only."""
    held_bytes: int = 4_000_000
    """What this process keeps for one stream that takes no more, before it is dropped like one that took too long."""
    socket_bytes: int = 262_144
    """What the system is asked to keep for one connection that takes no more. Linux takes twice that."""
    pages: int = 200
    """Pages of the app open in all, each with a state of its own on the server (503)."""
    client_pages: int = 60
    """The same, per client address (429)."""
    upload_bytes: int = 200_000_000
    """Bytes of uploads to pages in ten minutes, in all: what Streamlit keeps of them (503)."""
    client_upload_bytes: int = 40_000_000
    """The same, per client address (429)."""
    advice: int = 256
    """Calls to the guide by programs that wait or run, in all (503); one runs at a time."""
    client_advice: int = 128
    """The same, per client address (429)."""
    uploads: int = 16
    """Uploads to pages under way in all (503)."""
    client_uploads: int = 4
    """The same, per client address (429)."""
    head_bytes: int = 32_768
    """The head of a request: its path, query and headers (431)."""
    body_bytes: int = 4_000_000
    """The body of a request to a page (413); those to /api have limits of their own."""
    head_seconds: int = 30
    """How long a connection may go without a request that has come whole, before it is ended."""
    body_seconds: int = 20
    """How long a request's body may take to arrive (408)."""
    command_bytes: int = 65_536
    """A command, as HTTP body or WebSocket frame (413). A frame of over four times that is not read (1009)."""
    receipt_bytes: int = 4_000_000
    """A posted set of receipts (413)."""
    query_chars: int = 4_000
    """A question to the agent (414 in a URL, 413 elsewhere)."""
    inputs: int = 200
    """Inputs that one run takes while it writes (429)."""
    input_chars: int = 500
    """One such input (413)."""
    run_seconds: int = 300
    """How long a run may write before it is ended as failed."""
    replay_seconds: int = 15
    """How long after its end a run is sent to whoever comes without a position; later, to who was lost before it."""
    idle_seconds: int = 900
    """How long a thread that nobody reads and nothing writes is kept."""
    tokens: int = 6_000
    """Tokens of one answer."""
    children: int = 4
    """Servers for scenarios that break one on purpose, each a process (503)."""
    child_seconds: int = 180
    """How long such a server lives, if nobody ends it before."""
    attempts_waiting: int = 4
    """Trials of proxies that wait while another one goes on; a further one is refused."""
    client_attempts: int = 2
    """Trials that wait or go on, per client address. Addresses take turns."""
    attempts: int = 20
    """Trials of proxies kept with what they found; the oldest finished one makes room."""
    attempt_seconds: int = 240
    """How long one may take before it is ended. With two versions of a proxy it takes about a minute."""
    evidence: int = 200
    """Pieces of evidence kept; the oldest of whoever has most makes room."""
    client_evidence: int = 100
    """The same, per client address: its own oldest makes room."""
    evidence_bytes: int = 20_000_000
    """Bytes of evidence in the folder for it, and as many pieces as in memory; the oldest makes room."""
    payloads: int = 4
    """Runs at the same moment whose bytes are counted form by form (503)."""
    client_payloads: int = 2
    """The same, per client address (429)."""
    experiments: int = 12
    """Measurements without a browser that wait or are being made (503), one at a time. Addresses take turns."""
    client_experiments: int = 3
    """The same, per client address (429)."""
    experiment_runs: int = 10
    """Runs of one such measurement (400)."""
    experiment_seconds: int = 300
    """How long one may take before it is ended as failed."""
    experiment_results: int = 50
    """Reports kept; the oldest makes room."""
    rooms: int = 4
    """Workshop rooms open at the same moment (503)."""
    room_people: int = 120
    """People of one room (503)."""
    room_streams: int = 3
    """Open event streams of one person in a room (429). They are counted by key: a whole room may share one address."""
    room_links: int = 4
    """Open control streams of one person, or of the wall or the lead together, times four for these (429)."""
    room_runs: int = 30
    """Runs of a round in which people have runs to themselves; more people than that share them as teams."""
    room_posts: int = 10
    """What one person may say in a second (429)."""
    room_bytes: int = 65_536
    """One thing that somebody says in a room, with what was measured (413)."""
    room_wrong_codes: int = 20
    """Wrong codes of rooms in a minute, per client address (429). Right ones are not counted."""
    room_joins: int = 150
    """People who may join from one address at once; after that five a second (429)."""
    room_seconds: int = 14_400
    """How long a room stays open."""
    room_idle_seconds: int = 1_800
    """How long it stays open without any page of it."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The defaults, with what the environment overrides.

        Raises:
            ValueError: a variable is not a whole number above zero, or names no limit.
        """
        known = {PREFIX + field.name.upper(): field.name for field in fields(cls)}
        chosen: dict[str, int] = {}
        for variable, text in environment.items():
            if not variable.startswith(PREFIX):
                continue
            if variable not in known:
                raise ValueError(f"{variable} names no limit. Allowed: {', '.join(sorted(known))}")
            if not text.isascii() or not text.isdigit() or int(text) < 1:
                raise ValueError(f"{variable} is {text!r}. Allowed: a whole number above zero")
            chosen[known[variable]] = int(text)
        return cls(**chosen)
