"""Reads what a room tells of itself, and puts words to it: a RoomReport. Pure; what a room tells is plain data."""

from __future__ import annotations

import datetime
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from guide.book import Book
from guide.record.room_report import FEWEST, RoomReport

Told = Mapping[str, Any]
UNKNOWN = "–"
FIGURES = {
    "first_token_ms": ("From the run's begin to the first token", "ms"),
    "lateness_p95_ms": ("Lateness of an event, 95th percentile", "ms"),
    "longest_gap_ms": ("Longest gap between two tokens", "ms"),
    "back_ms": ("From the cut to the next new token", "ms"),
}
TOTALS = {"lost": "Lost tokens", "repeated": "Repeated tokens"}
TRANSPORTS = ("sse", "websocket")


def room_report(told: Told, book: Book, now: datetime.datetime, versions: Mapping[str, str]) -> RoomReport:
    """The report of a room that tells `told` at the time `now`.

    Raises:
        ValueError: it tells what a report may not say, such as figures of fewer than five people.
    """
    answers = told.get("questions") or {}
    enough = bool(answers) and not answers["few"]
    return RoomReport.model_validate(
        {
            "opened": now - datetime.timedelta(minutes=told["minutes"]),
            "minutes": told["minutes"],
            "people": told["people"],
            "simulated": told["simulated"],
            "steps": list(_steps(told, book)),
            "rounds": [_round(one, book.words) for one in told["rounds"]],
            "answered": answers.get("people", 0),
            "questions": list(_questions(answers)) if enough else [],
            "verdicts": _choices(answers["verdicts"]) if enough else [],
            "discuss": answers["discuss"] if enough else [],
            "stuck": list(_stuck(told, book)),
            "versions": dict(versions),
            "rules": book.version,
            "hash": book.hash,
        }
    )


def _steps(told: Told, book: Book) -> Iterator[dict[str, Any]]:
    """Rounds that were played, questions that were answered; what was looked at leaves no trace but what came after."""
    played, steps = {one["round"] for one in told["rounds"]}, told["steps"]
    traced = [
        step["name"] in played if step["kind"] == "round" else step["kind"] == "ask" and bool(told["questions"])
        for step in steps
    ]
    last = max((n for n, done in enumerate(traced) if done), default=-1) + (1 if told["is_over"] else 0)
    for n, step in enumerate(steps):
        done = n <= last if step["kind"] == "talk" else traced[n]
        yield {"title": _title(step, book.words), "kind": step["kind"], "done": done}


def _title(step: Told, words: Mapping[str, str]) -> str:
    return words.get(f"room.{step['kind']}.{step['name']}.title", step["name"])


def _round(one: Told, words: Mapping[str, str]) -> dict[str, Any]:
    name, came = one["round"], one["came"]
    prefix = f"room.round.{name}.predict"
    found: dict[str, Any] = {
        "title": words.get(f"room.round.{name}.title", name),
        "so": sentence(words.get(one["so"]["key"], ""), one["so"]["values"]),
        "came": words.get(f"{prefix}.{came}", words.get(f"room.came.{came}", "")) if came else "",
        "people": one["people"],
        "received": one["received"],
        "counted": max(0, one["received"] - one["away"]),
        "away": one["away"],
        "blocked": one["blocked"],
        "simulated": min(one["simulated"], one["received"]),
    }
    if one["few"] or found["counted"] < FEWEST:
        return found
    choices = one["predictions"].items()
    return found | {
        "predictions": [
            {"label": words.get(f"{prefix}.{id}", id), "count": n, "came": id == came} for id, n in choices
        ],
        "figures": list(_figures(one["strips"])),
        "totals": [_total(TOTALS[name], one[name]) for name in TOTALS],
    }


def sentence(text: str, values: Told) -> str:
    """A sentence with its figures: texts as they are, numbers as whole ones, and a dash for what is not known."""
    return text.format_map(defaultdict(lambda: UNKNOWN, {name: _figure(value) for name, value in values.items()}))


def _figure(value: Any) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if isinstance(value, int | float) else str(value)


def _figures(strips: Mapping[str, Mapping[str, Sequence[float]]]) -> Iterator[dict[str, Any]]:
    for name, (title, unit) in FIGURES.items():
        spreads = {transport: _spread(strips[name][transport]) for transport in TRANSPORTS}
        if any(spreads.values()):
            yield {"title": title, "unit": unit, **spreads}


def _spread(ordered: Sequence[float]) -> dict[str, float] | None:
    """Median and quarter points; None for fewer people than may be told."""
    if len(ordered) < FEWEST:
        return None
    middle, half = divmod(len(ordered), 2)
    median = ordered[middle] if half else (ordered[middle - 1] + ordered[middle]) / 2
    low, high = (_percentile(ordered, percent) for percent in (25, 75))
    return {"low": low, "median": median, "high": high, "people": len(ordered)}


def _percentile(ordered: Sequence[float], percent: int) -> float:
    """By nearest rank: the least value that so many percent of them, or more, do not exceed."""
    return ordered[math.ceil(percent / 100 * len(ordered)) - 1]


def _total(title: str, of: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    pairs = {f"{transport}_{what}": of[transport][what] for transport in TRANSPORTS for what in ("tokens", "people")}
    return {"title": title, **pairs}


def _questions(answers: Told) -> Iterator[dict[str, Any]]:
    for one in (one for one in answers["questions"] if not one.get("few")):
        yield {
            "title": one["title"],
            "answers": _choices(one["bars"]),
            "disagreement": one["disagreement"],
            "decisive": one["decisive"],
        }


def _choices(bars: Sequence[Told]) -> list[dict[str, Any]]:
    return [{"label": one["label"], "count": one["count"]} for one in bars if one["count"]]


def _stuck(told: Told, book: Book) -> Iterator[dict[str, Any]]:
    """The most people who were stuck at once, of each step."""
    most: dict[int, int] = {}
    for one in told["stuck"]:
        most[one["step"]] = max(most.get(one["step"], 0), one["people"])
    for number, people in sorted(most.items()):
        title = _title(told["steps"][number - 1], book.words) if number else "Before the first step"
        yield {"title": title, "people": people}
