"""Runs for the SDKs, and what must have come of one."""

from __future__ import annotations

import pytest

from demos.protocol.events import ANSWER
from tests.demos.sdk.clients import Seen
from tests.demos.toys import Served

AT_ONCE = {"rate": 0, "first_token_ms": 0}


PACED = {"rate": 100, "first_token_ms": 0, "jitter": 0}


both = pytest.mark.parametrize("transport", ["sse", "websocket"])


def said(site: Served, thread_id: str) -> str:
    """The answer of a thread's newest run, as its log holds it."""
    thread = site.backend.threads.get(thread_id)
    run = thread.find(None)
    events = (event.draft for event in thread.log.since(run.base, 10_000))
    return "".join(draft.text or "" for draft in events if draft.node == ANSWER and draft.is_token)


def newest(site: Served) -> str:
    return list(site.backend.threads)[-1].id


def assert_whole(site: Served, seen: Seen, thread_id: str | None = None) -> None:
    """Every token once and in order, and an output that ends with the answer."""
    assert seen.error == "", seen.error
    answer = said(site, thread_id or newest(site))
    assert answer, "nothing was said"
    assert seen.text == answer, f"{seen.text[:100]!r} ({len(seen.text)}) instead of {answer[:100]!r} ({len(answer)})"
    last = seen.output["messages"][-1]
    assert last["type"] == "ai"
    assert "".join(block["text"] for block in last["content"]) == answer
