"""Turns a probe's readings into findings: a verdict, a sentence and the fix for each. Pure; sends no request."""

from __future__ import annotations

from collections.abc import Iterator

from demos.probe.agent_findings import head, held_by_one_s, large, late_ms, of_agents
from demos.probe.fingerprints import Named
from demos.probe.outcomes import Finding, Judge
from demos.probe.reach import TARGET
from demos.probe.reading import Reading, catch_up, one_by_one, pieces
from demos.probe.run import Seen
from demos.proxies.expected import HELD
from demos.proxies.trials import Transport
from guide.book import Book

UNSERVED, WSGI = "426-library", "wsgi"
EXPLAINED = (400, 403, 404)
"""Statuses of a refused upgrade with their own sentence."""
NEAR = 0.1
"""Two times with a smaller relative difference count as the same limit."""


def findings(book: Book, seen: Seen, here: tuple[Named, ...]) -> list[Finding]:
    """Return the findings of all checks, in order. `here`: the recognised parts of the path, the server last."""
    judge = Judge(book, here)
    out = [*_reached(judge, seen)]
    for way, pace in seen.pace.items():
        out += _opened(judge, seen, way)
        if pace and not pace.refused:
            for check in (_pace, _resume, _silence, _long, large):
                out += check(judge, seen, way)
        if way == "sse":
            out += of_agents(judge, seen)
    return out


def _reached(judge: Judge, seen: Seen) -> Iterator[Finding]:
    reached, about = seen.reached, seen.reached.about
    server, app = str(about.get("server"))[:60], str(about.get("app"))[:60]
    yield judge.found("reached", server=server, app=app, ms=f"{reached.ms:.0f}")
    if reached.hops:
        yield judge.found("redirected", hops=" → ".join(reached.hops))
    unknown = "http-unread" if reached.base.startswith("https") else "http-unknown"
    offered = {True: "http-two", False: "http-one", None: unknown}[reached.offers_h2]
    yield judge.found(offered, arrived=str(about.get("http"))[:10])


def _opened(judge: Judge, seen: Seen, way: Transport) -> Iterator[Finding]:
    pace = seen.pace[way]
    if pace is None:
        yield judge.found("untried", way)
    elif way == "websocket":
        if not pace.refused:
            yield judge.found("upgrade-passes", way, ms=f"{pace.opened_ms:.0f}")
            return
        key = _refused(pace)
        outcome = "upgrade-unserved" if key == UNSERVED else "upgrade-refused"
        if key == UNSERVED and seen.reached.about.get("app") == WSGI:
            outcome = "upgrade-none"
        yield judge.found(outcome, way, refused=pace.refused, why=judge.book.words[f"probe.status.{key}"])
    elif pace.refused:
        yield judge.found("streams-refused", way, refused=pace.refused)
    else:
        yield from head(judge, pace)
        coding, length = pace.headers.get("content-encoding"), pace.headers.get("content-length")
        flushed = seen.bare is not None and not seen.bare.refused and one_by_one(seen.bare)
        outcome = "compressed" if not one_by_one(pace) else "compressed-flushed" if flushed else "compressed-passes"
        yield judge.found(outcome, way, coding=coding[:40]) if coding else judge.found("uncompressed", way)
        framing = pace.headers.get("transfer-encoding", judge.book.words["probe.unframed"])[:40]
        yield (
            judge.found("framing-length", way, length=length[:20])
            if length
            else judge.found("framing-open", way, framing=framing)
        )


def _refused(pace: Reading) -> int | str:
    """Why a WebSocket does not open. Only the target can report what arrived of a handshake, with HTTP 426."""
    if pace.status != 426:
        return pace.status if pace.status in EXPLAINED else "other"
    if pace.told.get("target") != TARGET or "connection" not in pace.told:
        return "426-unread"
    if str(pace.told.get("upgrade")).lower() != "websocket":
        return "426-upgrade"
    return UNSERVED if "upgrade" in str(pace.told["connection"]).lower() else "426-connection"


def _pace(judge: Judge, seen: Seen, way: Transport) -> Iterator[Finding]:
    pace = seen.pace[way]
    assert pace is not None
    if not pace.whole or pace.seq != [*range(1, pace.asked.n + 1)]:
        yield judge.found("streams-broken", way, came=len(set(pace.seq)), n=pace.asked.n, why=pace.why or "-")
        return
    came, sent = pieces(pace)
    first = pace.at[0] - pace.started
    told = {"came": came, "sent": sent, "late": f"{late_ms(pace):.0f}", "first": f"{first:.0f}"}
    held = late_ms(pace) > HELD * 1000 * pace.asked.seconds
    if coding := pace.headers.get("content-encoding", "") if held and not one_by_one(pace) else "":
        yield judge.found("held-by-compression", way, coding=coding[:40], **told)
    elif one_by_one(pace) and (part := catch_up(pace)):
        told |= {"late": f"{part.late_ms:.0f}", "gap": f"{part.gap_ms:.0f}", "source": f"{part.sent_gap_ms:.0f}"}
        yield judge.found("lumps-late", way, **told)
    else:
        outcome = "streams-singly" if one_by_one(pace) else "streams-held" if held else "streams-lumps"
        yield judge.found(outcome, way, **told)
    if way == "sse" and seen.bare and not seen.bare.refused and not one_by_one(seen.bare):
        came, sent = pieces(seen.bare)
        yield judge.found("header-needed", way, came=came, sent=sent)


def _resume(judge: Judge, seen: Seen, way: Transport) -> Iterator[Finding]:
    found = seen.resumed[way]
    if found is None or found.refused:
        yield _untried(judge, way, found)
    else:
        wanted = [*range(found.asked.since + 1, found.asked.n + 1)]
        yield judge.found("resume-works" if found.seq == wanted else "resume-fails", way, since=found.asked.since)


def _untried(judge: Judge, way: Transport, found: Reading | None) -> Finding:
    """Finding for a stream that opened alone, but was slow or refused among several streams."""
    if found is None or found.timed_out:
        return judge.found("untried", way)
    return judge.found("refused-later", way, refused=found.refused)


def _silence(judge: Judge, seen: Seen, way: Transport) -> Iterator[Finding]:
    found, long = seen.silent.get(way), seen.long.get(way)
    if found is None or found.refused:
        yield _untried(judge, way, found)
        return
    cut, told = found.cut_s, {"silence": f"{seen.silence_s:g}", "why": found.why}
    pace = seen.pace[way]
    if by_s := held_by_one_s(found) if pace and one_by_one(pace) else 0.0:
        yield judge.found("silence-held", way, late=f"{by_s:.1f}", **told)
    elif cut is None:
        alone_s = (found.signs[0] - found.at[0]) / 1000 if found.signs and found.at else 0.0
        outcome = "silence-pinged" if found.signs else "silence-survives"
        yield judge.found(outcome, way, alone=f"{alone_s:.0f}", **told)
    elif found.timed_out:
        yield judge.found("silence-lost", way, **told)
        yield _heartbeat(judge, seen, way, seen.silence_s)
    elif long and long.cut_s is not None and _near(cut, long.cut_s):
        yield judge.found("silence-length", way, cut=f"{cut:g}", **told)
    elif beat := _beat_in_vain(seen, way, cut):
        yield judge.found("beating-cut", way, cut=f"{cut:g}", beat=f"{beat / 1000:g}", **told)
    else:
        yield judge.found("silence-cut", way, cut=f"{cut:g}", **told)
        yield _heartbeat(judge, seen, way, cut)


def _beat_in_vain(seen: Seen, way: Transport, cut_s: float) -> int | None:
    """Return the shortest heartbeat interval in ms, if it did not delay the cut: a limit on length. Else None."""
    long, (ms, found) = seen.long[way], min(seen.beating[way].items())
    outlived = long and long.whole and long.asked.seconds > cut_s and not _near(long.asked.seconds, cut_s)
    if outlived or found is None or found.cut_s is None or not _near(cut_s, found.cut_s):
        return None
    # Not quite until the end: Envoy closes the connection a second after it has given up the stream.
    return ms if found.ended - found.heard < 500 * found.cut_s else None


def _heartbeat(judge: Judge, seen: Seen, way: Transport, cut_s: float) -> Finding:
    """Find the longest heartbeat that kept the stream open, at most half of the limit, as one may be late or lost."""
    beats, silence = seen.beating[way], f"{seen.silence_s:g}"
    whole = [ms for ms, found in beats.items() if found and found.whole]
    if kept := [ms for ms in whole if ms <= cut_s * 500]:
        return judge.found("heartbeat-suffices", way, beat=f"{max(kept) / 1000:g}", silence=silence)
    if whole:
        told = {"beat": f"{min(whole) / 1000:g}", "half": f"{cut_s / 2:g}", "cut": f"{cut_s:g}"}
        return judge.found("heartbeat-tight", way, silence=silence, **told)
    quickest = min(beats)
    found = beats[quickest]
    if found is None or found.refused:
        return _untried(judge, way, found)
    return judge.found("heartbeat-fails", way, beat=f"{quickest / 1000:g}")


def _long(judge: Judge, seen: Seen, way: Transport) -> Iterator[Finding]:
    found = seen.long[way]
    if found is None or found.refused:
        yield _untried(judge, way, found)
    elif found.cut_s is None:
        yield judge.found("long-survives", way, long=f"{seen.long_s:g}")
    else:
        yield judge.found("long-cut", way, cut=f"{found.cut_s:g}", why=found.why)
        went_on = resumed(found, seen.rest.get(way))
        yield judge.found({True: "long-resumes", False: "long-lost", None: "rest-untried"}[went_on], way)


def resumed(cut: Reading, rest: Reading | None) -> bool | None:
    """Whether a resumed stream began with the next event and was complete; None if unknown."""
    if rest is None or rest.refused or not cut.seq:
        return None
    return rest.seq == [*range(cut.seq[-1] + 1, rest.asked.n + 1)]


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= max(1.0, NEAR * max(one, other))
