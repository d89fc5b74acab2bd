"""Turns what browsers and agents do into findings: codings, a POST, streams together, late and large events, HTTP/2."""

from __future__ import annotations

import re
from collections.abc import Iterator

from demos.probe.agent_streams import AT_ONCE, EARLY, LARGE, flows, head_waits, pieces_of, served_at_once
from demos.probe.outcomes import Finding, Judge
from demos.probe.reading import TOO_LONG, Reading, one_by_one, pieces
from demos.probe.run import Seen
from demos.proxies.trials import Transport

HELD_BY_ONE = 0.5
"""Share of a silence by which the event before it must be late, to count as held until the next."""
AT_ONCE_S = 0.5
"""Seconds within which a refusal cannot be the end of somebody's patience."""
SSE: Transport = "sse"


def late_ms(pace: Reading) -> float:
    """Delay of the slowest event compared with the fastest one, in ms; needs no synchronised clocks."""
    late = [at - sent for at, sent in zip(pace.at, pace.sent, strict=True)]
    return max(late) - min(late) if late else 0.0


def held_by_one_s(found: Reading) -> float:
    """By how many seconds the event before a silence was later than the next one; 0 if it was not."""
    if len(found.at) < 2:
        return 0.0
    apart_ms = (found.sent[1] - found.sent[0]) - (found.at[1] - found.at[0])
    return apart_ms / 1000 if apart_ms > HELD_BY_ONE * found.asked.silence_ms else 0.0


def head(judge: Judge, pace: Reading) -> Iterator[Finding]:
    """What EventSource wants of a response's head."""
    kind = pace.headers.get("content-type", "")
    charset = re.search(r";\s*charset\s*=\s*\"?([^\";\s]*)", kind, re.IGNORECASE)
    if charset and charset[1].lower() not in ("utf-8", "utf8"):
        yield judge.found("charset-wrong", SSE, kind=kind[:60])


def of_agents(judge: Judge, seen: Seen) -> Iterator[Finding]:
    """Findings about event streams as browsers and agents use them."""
    pace, agents = seen.pace[SSE], seen.agents
    if pace is None or pace.refused or agents is None:
        return
    yield from _cached(judge, seen, pace)
    if seen.reached.offers_h2:
        yield _http2(judge, seen.http2)
    if one_by_one(pace):  # else all of this would be held too, and say nothing new
        yield from _browser(judge, agents.browser)
        yield _together(judge, agents.together)
        yield from _late(judge, seen)
    if agents.knows:
        if one_by_one(pace):
            yield _post(judge, agents.post)
        yield _instances(judge, agents.begun, agents.elsewhere)
    else:
        yield judge.found("target-old")


def large(judge: Judge, seen: Seen, way: Transport) -> Iterator[Finding]:
    """Whether a large message passes; nothing where the target sends none."""
    if seen.agents is None or not seen.agents.knows:
        return
    found, size = seen.large[way], f"{LARGE.size / 1000:g}"
    if found is None:
        yield judge.found("untried", way)
    elif found.refused:
        yield judge.found("refused-later", way, refused=found.refused)
    else:
        passes, too_long = found.whole and found.size >= LARGE.size, found.timed_out or found.why == TOO_LONG
        outcome = "large-passes" if passes else "large-late" if too_long else "large-cut"
        yield judge.found(outcome, way, size=size, why=found.why or "-")


def _cached(judge: Judge, seen: Seen, pace: Reading) -> Iterator[Finding]:
    words = judge.book.words
    readings = [pace, *(found for found in (seen.bare, seen.silent.get(SSE)) if found and found.sent)]
    begun = [found.sent[0] for found in readings if found.sent]
    ages = [headers.get("age", "") for headers in (seen.reached.headers, *(one.headers for one in readings))]
    if age := next((age for age in ages if age.strip().isdigit() and int(age) > 0), ""):
        yield judge.found("cached", why=words["probe.cached.age"].format(age=age[:9]))
    elif seen.same or len({*begun}) < len(begun):
        yield judge.found("cached", why=words["probe.cached.same"])


def _browser(judge: Judge, found: Reading | None) -> Iterator[Finding]:
    if found is None:
        yield judge.found("untried", SSE)
        return
    packed = found.headers.get("content-encoding", "").strip().lower() not in ("", "identity")
    coding = found.headers.get("content-encoding", "").strip().lower()[:40]
    told = {"coding": coding, "came": pieces_of(found), "sent": found.asked.n}
    if found.refused:
        yield judge.found("browser-refused", SSE, refused=found.refused)
    elif flows(found):
        yield judge.found("browser-flushed" if packed else "browser-plain", SSE, **told)
    else:
        yield judge.found("browser-compressed" if packed else "browser-held", SSE, **told)


def _http2(judge: Judge, found: Reading | None) -> Finding:
    if found is None:
        return judge.found("http2-untried", SSE)
    if found.refused or not found.whole:
        return judge.found("http2-broken", SSE, why=found.refused or found.why)
    came, sent = pieces(found)
    return judge.found("http2-passes" if one_by_one(found) else "http2-held", SSE, came=came, sent=sent)


def _together(judge: Judge, together: tuple[Reading | None, ...]) -> Finding:
    open_at_once = served_at_once(together)
    if refused := next((found.refused for found in together if found and found.refused), None):
        return judge.found("refused-later", SSE, refused=refused)
    outcome = "streams-together" if open_at_once >= AT_ONCE else "streams-wait"
    return judge.found(outcome, SSE, open=open_at_once, n=AT_ONCE)


def _late(judge: Judge, seen: Seen) -> Iterator[Finding]:
    """Whether the head waits, and the first of the late streams that fails, else the latest that passes."""
    passed: Finding | None = None
    for wait_s, found in sorted(seen.late.items()):
        if found is None:
            yield judge.found("untried", SSE)
            return
        after_s = (found.ended - found.started) / 1000
        told = {"late": f"{wait_s:g}", "after": f"{after_s:.1f}", "why": found.why, "refused": found.refused}
        if found.refused:
            at_once = after_s < AT_ONCE_S  # nobody waited for the event: it is refused for another reason
            yield judge.found("refused-later" if at_once else "first-refused", SSE, **told)
            return
        if found.first_ms is None:
            yield judge.found("first-cut", SSE, **told)
            return
        if found.first_ms < EARLY * wait_s * 1000:
            return  # an older target, which knows no such wait; that is said once
        if head_waits(found, wait_s):
            if passed is None or passed.outcome != "first-head-held":
                passed = judge.found("first-head-held", SSE, head=f"{found.opened_ms / 1000:.1f}", **told)
                yield passed
            continue
        passed = judge.found("first-passes", SSE, head=f"{found.opened_ms:.0f}", **told)
    if passed and passed.outcome == "first-passes":
        yield passed


def _post(judge: Judge, found: Reading | None) -> Finding:
    if found is None:
        return judge.found("untried", SSE)
    if found.refused:
        return judge.found("post-refused", SSE, refused=found.refused)
    if not found.whole:
        return judge.found("post-broken", SSE, came=len({*found.seq}), n=found.asked.n, why=found.why or "-")
    came, sent = pieces(found)
    return judge.found("post-passes" if one_by_one(found) else "post-held", SSE, came=came, sent=sent)


def _instances(judge: Judge, begun: Reading | None, elsewhere: tuple[Reading | None, ...]) -> Finding:
    answered = [found for found in elsewhere if found is not None]
    if begun is None or not begun.whole or not answered:
        return judge.found("untried", SSE)
    unknown = sum(found.status == 410 for found in answered)
    if unknown:
        return judge.found("instances-several", n=unknown, visits=len(answered))
    return judge.found("instances-one")
