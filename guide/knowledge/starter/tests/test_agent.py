"""What the graph of app/agent.py says reaches the user once, and a question waits for a human."""

from __future__ import annotations

import asyncio
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from app import agent
from app.graph_events import GraphEvents, with_memory


def said(*turns: Any) -> list[tuple[str, Any]]:
    """What a thread says over some turns: its text, its questions, how each turn ended."""

    async def run() -> list[tuple[str, Any]]:
        saver, found = InMemorySaver(), list[tuple[str, Any]]()
        says = GraphEvents(with_memory(agent.graph, saver), "thread")
        for turn in turns:
            async for kind, data in says.of(turn):
                if kind == "token" and found and found[-1][0] == "token":
                    found[-1] = ("token", found[-1][1] + data["text"])
                else:
                    found.append((kind, data["text"] if kind == "token" else data))
        return found

    return asyncio.run(run())


def test_an_answer_arrives_in_pieces_and_ends() -> None:
    text, end = said({"messages": [("user", "Hello")]})
    assert text[0] == "token"
    assert "Hello" in text[1]
    assert end == ("end", {"status": "completed"})


def test_a_refund_waits_for_a_human() -> None:
    found = said({"messages": [("user", "Refund 40 EUR for order 1182")]}, Command(resume="yes"))
    kinds = [kind for kind, _ in found]
    assert kinds == ["token", "tool", "question", "token", "end"]
    assert found[2][1]["value"] == {"question": "Refund 40 EUR for order 1182?"}
    assert "40 EUR were refunded" in found[3][1]
