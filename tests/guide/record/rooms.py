"""Reports of rooms as the tests need them."""

from __future__ import annotations

import datetime
from typing import Any


def a_spread(low: float, median: float, high: float, people: int = 40) -> dict[str, Any]:
    return {"low": low, "median": median, "high": high, "people": people}


def a_round(**fields: Any) -> dict[str, Any]:
    """The round with a cut, seen by 41 people."""
    given: dict[str, Any] = {
        "title": "Everybody is cut",
        "so": "Without code that comes back, the WebSocket lost 60 tokens.",
        "came": "The rest of the answer is lost",
        "people": 41,
        "received": 40,
        "counted": 38,
        "away": 2,
        "blocked": 7,
        "predictions": [
            {"label": "Nothing is lost", "count": 3},
            {"label": "The rest of the answer is lost", "count": 29, "came": True},
        ],
        "figures": [
            {
                "title": "Back after the cut",
                "unit": "ms",
                "sse": a_spread(900, 1012.4, 1400.6),
                "websocket": a_spread(120, 250, 480.2),
            },
            {"title": "First token", "unit": "ms", "sse": a_spread(300, 300, 300)},
        ],
        "totals": [
            {"title": "Lost", "sse_tokens": 0, "sse_people": 0, "websocket_tokens": 2280, "websocket_people": 38}
        ],
    }
    return {**given, **fields}


def few(**fields: Any) -> dict[str, Any]:
    """A round with too few people for figures."""
    nothing: dict[str, Any] = {"predictions": [], "figures": [], "totals": [], "away": 0, "blocked": 0}
    return a_round(people=4, received=4, counted=4, **{**nothing, **fields})


def a_report(**fields: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "opened": datetime.datetime(2026, 11, 30, 9, 5, tzinfo=datetime.UTC),
        "minutes": 44.4,
        "people": 41,
        "steps": [
            {"title": "Everybody is cut", "kind": "round", "done": True},
            {"title": "Questions", "kind": "ask", "done": True},
            {"title": "A restart", "kind": "talk", "done": False},
        ],
        "rounds": [a_round()],
        "answered": 39,
        "questions": [
            {
                "title": "What travels up?",
                "answers": [{"label": "Controls", "count": 20}, {"label": "Voice", "count": 19}],
                "disagreement": 0.487,
                "decisive": True,
            }
        ],
        "verdicts": [{"label": "SSE", "count": 20}, {"label": "WebSocket", "count": 19}],
        "discuss": ["What travels up?"],
        "stuck": [{"title": "Everybody is cut", "people": 3}],
        "versions": {"streamlit": "1.67.0"},
        "rules": "7",
        "hash": "abc123",
    }
    return {**given, **fields}
