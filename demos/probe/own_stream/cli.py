"""Prints what was found of a user's own stream, as text or JSON, and returns the exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from demos.probe.budget import PATIENCE_S
from demos.probe.own_stream.findings import UNTRIED, Captured, OwnFinding, findings
from demos.probe.own_stream.request import MOST_REQUESTS, NotAllowed, OwnRequest
from demos.probe.own_stream.run import read
from demos.probe.reach import trust
from demos.proxies.tables import aligned, printable

FORMAT: Final = "streamwise-own-stream/1"
GOOD, BAD, NOT_TRIED = 0, 1, 2


def run(words: Mapping[str, str], asked: OwnRequest, form: str, ca: str | None = None) -> int:
    """Read and print. Exit code 0: all good; 1: a check failed; 2: something was not tried, or cannot be."""
    try:
        seen = read(asked, trust(ca))
    except OSError as error:
        print(f"{ca}: {error}", file=sys.stderr)
        return NOT_TRIED
    found = findings(words, seen)
    print(json.dumps(as_data(seen, found), indent=2) if form == "json" else as_text(words, seen, found))
    return exit_code(found)


def request(url: str, body: str | None, headers: list[str], seconds: float) -> OwnRequest | str:
    """The request, or why it cannot be made."""
    try:
        return OwnRequest.read(url, body, headers, seconds)
    except NotAllowed as error:
        return str(error)


def exit_code(found: list[OwnFinding]) -> int:
    """0 only if every check was made and none is bad."""
    if any(one.verdict == "bad" for one in found):
        return BAD
    return NOT_TRIED if any(one.outcome in UNTRIED for one in found) else GOOD


def as_text(words: Mapping[str, str], seen: Captured, found: list[OwnFinding]) -> str:
    """One line per finding, and the cost. What a server sent cannot move the cursor."""
    rows = [(words[f"probe.{one.verdict}"], one.sentence) for one in found]
    cost = words["probe.own.cost"].format(requests=seen.requests, most=MOST_REQUESTS, seconds=f"{seen.seconds:g}")
    lines = [*aligned(rows), "", cost]
    return "\n".join(map(printable, lines))


def as_data(seen: Captured, found: list[OwnFinding]) -> dict[str, Any]:
    """The result as plain data for JSON. It holds no header, query or body that was sent: they may be secret."""
    return {
        "format": FORMAT,
        "url": seen.asked.url.partition("?")[0],
        "method": seen.asked.method,
        "requests": seen.requests,
        "longest_s": MOST_REQUESTS * (seen.asked.seconds + 2 * PATIENCE_S),
        "seconds": seen.seconds,
        "findings": [asdict(one) for one in found],
        "code": exit_code(found),
    }
