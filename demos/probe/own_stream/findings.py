"""Turns what was read of a user's own stream into findings: a verdict and a sentence each. Pure; sends no request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from demos.probe.own_stream.capture import Capture
from demos.probe.own_stream.request import OwnRequest
from demos.probe.own_stream.stream_bytes import LONG_LINE, StreamBytes, describe, first_data, positions
from demos.protocol.sse import CONTENT_TYPE

Verdict = Literal["good", "bad", "unknown"]
OUTCOMES: Mapping[str, Verdict] = {
    "answers": "good", "refused": "bad", "no-answer": "bad", "type": "bad", "charset": "bad", "no-events": "unknown",
    "head-late": "bad", "coding": "bad", "coding-flushed": "good", "no-coding": "good", "coding-untried": "unknown",
    "no-cache": "unknown", "no-transform": "unknown", "connection": "unknown",
    "utf8": "bad", "bom": "unknown", "line-ends": "unknown", "unfinished": "bad", "fields": "unknown",
    "long-line": "unknown",
    "ids": "good", "no-ids": "bad", "no-ids-post": "unknown", "some-ids": "bad", "same-ids": "bad",
    "ends": "good", "ends-unsaid": "bad", "goes-on": "unknown", "broke": "bad", "sentinel": "unknown",
    "heartbeat": "good", "silent": "bad", "silence-unknown": "unknown",
    "resumes": "good", "repeats": "bad", "restarts": "bad", "resumes-nothing": "bad", "resume-untried": "unknown",
    "ws-opens": "good", "ws-refused": "bad", "ws-silent": "unknown", "ws-binary": "unknown", "ws-json": "good",
    "ws-mixed": "unknown", "ws-large": "unknown", "ws-closed": "good", "ws-closed-badly": "bad", "ws-lost": "bad",
    "ws-goes-on": "unknown", "ws-pings": "good", "ws-no-pings": "unknown",
}  # fmt: skip
"""Outcomes of a check; the sentence is in the guide's words, as `probe.own.OUTCOME`."""
UNTRIED = ("resume-untried", "coding-untried", "silence-unknown", "no-events", "ws-silent")
"""What could not be tried, or did not come up."""
SILENT_MS = 30_000
"""A silence from which on paths in common use end a stream: half of the usual 60 seconds."""
SLOW_HEAD_MS, EARLY = 2000.0, 0.8
LARGE_MESSAGE = 1_000_000
NORMAL_CLOSES = (1000, 1001)


@dataclass(frozen=True)
class OwnFinding:
    """Result of one check of a user's own stream."""

    outcome: str
    verdict: Verdict
    sentence: str


@dataclass(frozen=True)
class Captured:
    """All that was read of one stream."""

    asked: OwnRequest
    whole: Capture
    """The stream as it is."""
    browser: Capture | None
    """Asked for with every coding of a browser; None: not tried."""
    again: Capture | None
    """Asked for from a position; None: not tried."""
    position: str
    """That position."""
    requests: int
    seconds: float


def findings(words: Mapping[str, str], seen: Captured) -> list[OwnFinding]:
    """Return the findings of all checks, in order."""
    found = _websocket(seen) if seen.asked.is_websocket else _event_stream(seen)
    return [OwnFinding(key, OUTCOMES[key], words[f"probe.own.{key}"].format(**told)) for key, told in found]


Told = Iterator[tuple[str, Mapping[str, object]]]


def _event_stream(seen: Captured) -> Told:
    whole = seen.whole
    if whole.status is None:
        yield "no-answer", {"why": whole.why or "-"}
        return
    kind, _, rest = whole.headers.get("content-type", "").partition(";")
    if whole.status != 200:
        yield "refused", {"status": whole.status, "kind": kind[:40] or "no type"}
        return
    known = describe(whole.raw)
    first = "-" if whole.first_ms is None else f"{whole.first_ms:.0f}"
    yield "answers", {"head": f"{whole.opened_ms:.0f}", "first": first, "n": known.events, "bytes": len(whole.raw)}
    if kind.strip().lower() != CONTENT_TYPE:
        yield "type", {"kind": kind[:40] or "no type"}
    yield from _head(seen, rest)
    if not known.events:
        yield "no-events", {"seconds": f"{seen.asked.seconds:g}"}
        return
    yield from _form(known, whole, seen.asked.method)
    yield from _end(known, whole, seen.asked)
    yield from _silence(known, whole)
    yield from _resume(seen, known)


def _head(seen: Captured, rest: str) -> Told:
    whole = seen.whole
    charset = re.search(r"charset\s*=\s*\"?([^\";\s]*)", rest, re.IGNORECASE)
    if charset and charset[1].lower() not in ("utf-8", "utf8"):
        yield "charset", {"charset": charset[1][:40]}
    if whole.first_ms and whole.opened_ms > SLOW_HEAD_MS and whole.opened_ms > EARLY * whole.first_ms:
        yield "head-late", {"head": f"{whole.opened_ms / 1000:.1f}"}
    if seen.browser is None:
        yield "coding-untried", {}
    else:
        coding = seen.browser.headers.get("content-encoding", "").strip().lower()
        packed = coding not in ("", "identity")
        held = packed and 2 * len(seen.browser.pieces) < len(whole.pieces)
        yield ("coding" if held else "coding-flushed" if packed else "no-coding"), {"coding": coding[:40]}
    control = whole.headers.get("cache-control", "").lower()
    if not re.search(r"no-cache|no-store", control):
        yield "no-cache", {}
    if "no-transform" not in control:
        yield "no-transform", {}
    if re.search(r"keep-alive|close", whole.headers.get("connection", ""), re.IGNORECASE):
        yield "connection", {"value": whole.headers["connection"][:40]}


def _form(known: StreamBytes, whole: Capture, method: str) -> Told:
    if known.broken_utf8:
        yield "utf8", {}
    if known.has_bom:
        yield "bom", {}
    if len(known.line_ends) > 1 or known.line_ends["CR"]:
        yield "line-ends", {"ends": ", ".join(f"{n} {end}" for end, n in known.line_ends.most_common())}
    if known.unfinished and whole.ended:
        yield "unfinished", {}
    if known.unknown_fields:
        yield "fields", {"fields": ", ".join(map(repr, known.unknown_fields))}
    if known.longest_line > LONG_LINE:
        yield "long-line", {"size": known.longest_line}
    told = {"n": known.with_id, "of": known.content, "same": known.repeated_ids}
    if known.repeated_ids:
        yield "same-ids", told
    else:
        none = "no-ids" if method == "GET" else "no-ids-post"
        yield ("ids" if known.with_id >= known.content else "some-ids" if known.with_id else none), told


def _end(known: StreamBytes, whole: Capture, asked: OwnRequest) -> Told:
    if known.sentinel and 2 * known.json > known.events:
        yield "sentinel", {"sentinel": known.sentinel[:20]}
    if whole.why and not whole.is_left:
        yield "broke", {"why": whole.why}
    elif not whole.ended:
        yield "goes-on", {"seconds": f"{asked.seconds:g}"}
    else:
        yield ("ends" if known.says_end else "ends-unsaid"), {}


def _silence(known: StreamBytes, whole: Capture) -> Told:
    quiet = {"quiet": f"{whole.quietest_ms / 1000:.1f}", "beats": known.heartbeats}
    if whole.quietest_ms > SILENT_MS:
        yield "silent", quiet
    else:
        yield ("heartbeat" if known.heartbeats else "silence-unknown"), quiet


def _resume(seen: Captured, known: StreamBytes) -> Told:
    again = seen.again
    if again is None or again.status is None:
        yield "resume-untried", {}
        return
    told = {"position": seen.position[:40], "status": again.status}
    before, after = positions(seen.whole.raw), positions(again.raw)
    if again.status != 200 or not after:
        yield "resumes-nothing", told
        return
    seen_already = before[: before.index(seen.position) + 1] if seen.position in before else []
    from_the_start = after[0] == before[0] and first_data(again.raw) == first_data(seen.whole.raw)
    if from_the_start or after[0] in seen_already:
        yield "repeats", told
    else:
        yield ("resumes" if after[0] in before[len(seen_already) :][:1] else "restarts"), told


def _websocket(seen: Captured) -> Told:
    whole = seen.whole
    if whole.status != 101:
        yield "ws-refused", {"why": whole.why or "-"}
        return
    first = "-" if whole.first_ms is None else f"{whole.first_ms:.0f}"
    yield "ws-opens", {"ms": f"{whole.opened_ms:.0f}", "first": first, "n": len(whole.pieces)}
    if not whole.pieces:
        yield "ws-silent", {"seconds": f"{seen.asked.seconds:g}"}
    else:
        yield from _messages(whole)
    yield ("ws-pings" if whole.pings else "ws-no-pings"), {"n": whole.pings, "quiet": f"{whole.quietest_ms / 1000:.1f}"}
    if not whole.ended:
        yield "ws-goes-on", {"seconds": f"{seen.asked.seconds:g}"}
    elif whole.code is None:
        yield "ws-lost", {"why": whole.why or "-"}
    else:
        yield ("ws-closed" if whole.code in NORMAL_CLOSES else "ws-closed-badly"), {"code": whole.code}


def _messages(whole: Capture) -> Told:
    readable = sum(_is_json(piece) for _, piece in whole.pieces)
    told = {"n": readable, "of": len(whole.pieces)}
    if not all(whole.is_text):
        yield "ws-binary", told
    elif readable == len(whole.pieces):
        yield "ws-json", told
    elif readable:
        yield "ws-mixed", told
    if (largest := max(len(piece) for _, piece in whole.pieces)) > LARGE_MESSAGE:
        yield "ws-large", {"size": f"{largest / 1000:.0f}"}


def _is_json(piece: bytes) -> bool:
    try:
        json.loads(piece)
    except (ValueError, RecursionError):
        return False
    return True
