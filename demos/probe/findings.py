"""What was seen -> findings: a verdict each, a sentence, the fix. Pure: reads the guide's words, asks nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from demos.expected import HELD, NAMES
from demos.measure import bursts
from demos.probe.course import Seen, one_by_one
from demos.probe.readings import Reading
from demos.probe.signs import Fix, Named, fixes
from demos.trials import Transport
from guide.book import Book
from guide.model import Trouble

Verdict = Literal["good", "bad", "unknown"]
OUTCOMES: Mapping[str, tuple[Verdict, Trouble | None]] = {
    "reached": ("good", None),
    "redirected": ("good", None),
    "http-two": ("good", None),
    "http-one": ("good", None),
    "http-unknown": ("unknown", None),
    "streams-singly": ("good", None),
    "streams-lumps": ("bad", Trouble.HOLDS),
    "streams-held": ("bad", Trouble.HOLDS),
    "streams-refused": ("bad", None),
    "streams-broken": ("bad", None),
    "uncompressed": ("good", None),
    "compressed": ("bad", Trouble.HOLDS),
    "compressed-passes": ("unknown", Trouble.HOLDS),
    "header-needed": ("unknown", Trouble.HOLDS),
    "framing-open": ("good", None),
    "framing-length": ("bad", Trouble.HOLDS),
    "upgrade-passes": ("good", None),
    "upgrade-refused": ("bad", Trouble.UPGRADE),
    "resume-works": ("good", None),
    "resume-fails": ("bad", None),
    "silence-survives": ("good", None),
    "silence-cut": ("bad", Trouble.SILENCE),
    "silence-lost": ("bad", Trouble.SILENCE),
    "silence-pinged": ("unknown", None),
    "silence-length": ("unknown", None),
    "heartbeat-suffices": ("good", None),
    "heartbeat-fails": ("bad", Trouble.SILENCE),
    "long-survives": ("good", None),
    "long-cut": ("bad", Trouble.LENGTH),
    "long-resumes": ("good", None),
    "long-lost": ("bad", None),
    "untried": ("unknown", None),
}
"""What a check can find: its verdict, and the trouble that the guide knows a cure for. Its sentence is a word."""
EXPLAINED = (400, 403, 404, 426)
"""Statuses of a refused upgrade that have a sentence of their own."""
NEAR = 0.1
"""Two times that differ by less than this share are the same limit."""


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    outcome: str
    verdict: Verdict
    transport: Transport | None
    sentence: str
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True)
class _Judge:
    book: Book
    here: tuple[Named, ...]
    """What stands in front of the server."""

    def found(self, outcome: str, way: Transport | None = None, **told: object) -> Finding:
        verdict, trouble = OUTCOMES[outcome]
        name = NAMES[way] if way else ""
        cure = fixes(self.book, self.here, trouble, way or "") if trouble else ()
        return Finding(outcome, verdict, way, self.book.words[f"probe.{outcome}"].format(name=name, **told), cure)


def findings(book: Book, seen: Seen, here: tuple[Named, ...]) -> list[Finding]:
    """Every check's outcome, in the order in which they were tried. `here`: what stands in front of the server."""
    judge = _Judge(book, here)
    out = [*_reached(judge, seen)]
    for way, pace in seen.pace.items():
        out += _opened(judge, way, pace)
        if pace and not pace.refused:
            for check in (_pace, _resume, _silence, _long):
                out += check(judge, seen, way)
    return out


def _reached(judge: _Judge, seen: Seen) -> Iterator[Finding]:
    reached, about = seen.reached, seen.reached.about
    server, app = str(about.get("server"))[:60], str(about.get("app"))[:60]
    yield judge.found("reached", server=server, app=app, ms=f"{reached.ms:.0f}")
    if reached.hops:
        yield judge.found("redirected", hops=" → ".join(reached.hops))
    offered = {True: "http-two", False: "http-one", None: "http-unknown"}[reached.offers_h2]
    yield judge.found(offered, arrived=str(about.get("http"))[:10])


def _opened(judge: _Judge, way: Transport, pace: Reading | None) -> Iterator[Finding]:
    if pace is None:
        yield judge.found("untried", way)
    elif way == "websocket":
        if not pace.refused:
            yield judge.found("upgrade-passes", way, ms=f"{pace.opened_ms:.0f}")
            return
        key = f"probe.status.{pace.status if pace.status in EXPLAINED else 'other'}"
        yield judge.found("upgrade-refused", way, refused=pace.refused, why=judge.book.words[key])
    elif pace.refused:
        yield judge.found("streams-refused", way, refused=pace.refused)
    else:
        coding, length = pace.headers.get("content-encoding"), pace.headers.get("content-length")
        compressed = "compressed-passes" if one_by_one(pace) else "compressed"
        yield judge.found(compressed, way, coding=coding[:40]) if coding else judge.found("uncompressed", way)
        framing = pace.headers.get("transfer-encoding", judge.book.words["probe.unframed"])[:40]
        yield (
            judge.found("framing-length", way, length=length[:20])
            if length
            else judge.found("framing-open", way, framing=framing)
        )


def pieces(pace: Reading) -> tuple[int, int]:
    """In how many pieces events came, and in how many they were sent."""
    return bursts(pace.at, pace.asked.gap_ms / 2), bursts(pace.sent, pace.asked.gap_ms / 2)


def late_ms(pace: Reading) -> float:
    """How much later than the quickest event the slowest one came; no two clocks are compared."""
    late = [at - sent for at, sent in zip(pace.at, pace.sent, strict=True)]
    return max(late) - min(late) if late else 0.0


def _pace(judge: _Judge, seen: Seen, way: Transport) -> Iterator[Finding]:
    pace = seen.pace[way]
    assert pace is not None
    if not pace.whole or pace.seq != [*range(1, pace.asked.n + 1)]:
        yield judge.found("streams-broken", way, came=len(set(pace.seq)), n=pace.asked.n, why=pace.why or "-")
        return
    came, sent = pieces(pace)
    first = pace.at[0] - pace.started
    told = {"came": came, "sent": sent, "late": f"{late_ms(pace):.0f}", "first": f"{first:.0f}"}
    held = late_ms(pace) > HELD * 1000 * pace.asked.seconds
    yield judge.found(
        "streams-singly" if one_by_one(pace) else "streams-held" if held else "streams-lumps", way, **told
    )
    if way == "sse" and seen.bare and not one_by_one(seen.bare):
        came, sent = pieces(seen.bare)
        yield judge.found("header-needed", way, came=came, sent=sent)


def _resume(judge: _Judge, seen: Seen, way: Transport) -> Iterator[Finding]:
    found = seen.resumed[way]
    if found is None:
        yield judge.found("untried", way)
    else:
        wanted = [*range(found.asked.since + 1, found.asked.n + 1)]
        yield judge.found("resume-works" if found.seq == wanted else "resume-fails", way, since=found.asked.since)


def _silence(judge: _Judge, seen: Seen, way: Transport) -> Iterator[Finding]:
    found, long = seen.silent[way], seen.long[way]
    if found is None or found.refused:
        yield judge.found("untried", way)
        return
    cut, told = found.cut_s, {"silence": f"{seen.silence_s:g}", "why": found.why}
    if cut is None:
        alone_s = (found.signs[0] - found.at[0]) / 1000 if found.signs and found.at else 0.0
        outcome = "silence-pinged" if found.signs else "silence-survives"
        yield judge.found(outcome, way, alone=f"{alone_s:.0f}", **told)
    elif found.timed_out:
        yield judge.found("silence-lost", way, **told)
        yield _heartbeat(judge, seen, way, seen.silence_s)
    elif long and long.cut_s is not None and _near(cut, long.cut_s):
        yield judge.found("silence-length", way, cut=f"{cut:g}", **told)
    else:
        yield judge.found("silence-cut", way, cut=f"{cut:g}", **told)
        yield _heartbeat(judge, seen, way, cut)


def _heartbeat(judge: _Judge, seen: Seen, way: Transport, cut_s: float) -> Finding:
    """The longest that kept it open, and no longer than half of the limit: one may be late or lost."""
    beats = seen.beating[way]
    kept = [ms for ms, found in beats.items() if found and found.whole and ms <= cut_s * 500]
    if kept:
        return judge.found("heartbeat-suffices", way, beat=f"{max(kept) / 1000:g}", silence=f"{seen.silence_s:g}")
    return judge.found("heartbeat-fails", way, beat=f"{min(beats) / 1000:g}")


def _long(judge: _Judge, seen: Seen, way: Transport) -> Iterator[Finding]:
    found = seen.long[way]
    if found is None or found.refused:
        yield judge.found("untried", way)
    elif found.cut_s is None:
        yield judge.found("long-survives", way, long=f"{seen.long_s:g}")
    else:
        yield judge.found("long-cut", way, cut=f"{found.cut_s:g}", why=found.why)
        yield judge.found("long-resumes" if resumed(found, seen.rest.get(way)) else "long-lost", way)


def resumed(cut: Reading, rest: Reading | None) -> bool:
    """Whether what followed a cut was the very next event, and all that was asked for."""
    return rest is not None and bool(cut.seq) and rest.seq == [*range(cut.seq[-1] + 1, rest.asked.n + 1)]


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= max(1.0, NEAR * max(one, other))
