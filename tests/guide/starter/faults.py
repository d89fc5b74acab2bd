"""What a server of the starter's shape may do wrong, or do rightly and seldom: one script a case.

A script yields what one connection carries, given how many came before it and the number after which it reads on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Raw:
    """These bytes of an event stream; over a WebSocket one text message."""

    data: bytes


@dataclass(frozen=True)
class Refusal:
    """No stream: this HTTP status, or this close code."""

    status: int
    code: int = 1011
    after: str = ""
    """As Retry-After."""


class Hold:
    """Silence until the client goes."""


class Told:
    """Silence until the client has said something more, a stop or an answer."""


Step = dict[str, Any] | Raw | Refusal | Hold | Told
Script = Callable[[int, int], Iterator[Step]]
SCRIPTS: dict[str, Script] = {}
PING = {"type": "ping", "heartbeat": 15}
LETTERS = "ABCDEFGH"


def script(made: Script) -> Script:
    SCRIPTS[made.__name__.replace("_", "-")] = made
    return made


def token(seq: int, text: str = "", epoch: str = "e1-") -> dict[str, Any]:
    return {"id": f"{epoch}{seq}", "seq": seq, "type": "token", "text": text or f"{LETTERS[seq - 1]} "}


def end(seq: int, status: str = "completed", epoch: str = "e1-") -> dict[str, Any]:
    return {"id": f"{epoch}{seq}", "seq": seq, "type": "end", "status": status}


def after(since: int, *events: dict[str, Any]) -> Iterator[Step]:
    """A log that is read on from a position, as it should be."""
    yield PING
    yield from (event for event in events if event["seq"] > since)


# --- right ---


@script
def ok(n: int, since: int) -> Iterator[Step]:
    yield from after(since, token(1), end(2))


@script
def plain_ids(n: int, since: int) -> Iterator[Step]:
    """As foreign and older servers: no epoch, no ping."""
    yield from [step for step in after(since, token(1, epoch=""), end(2, epoch="")) if step is not PING]


@script
def no_text(n: int, since: int) -> Iterator[Step]:
    yield end(1)


@script
def not_handled(n: int, since: int) -> Iterator[Step]:
    """Right; a page that fails at the second event gets it again."""
    yield from after(since, token(1), token(2), end(3))


@script
def failed(n: int, since: int) -> Iterator[Step]:
    yield from after(since, token(1), end(2, "failed"))


@script
def question(n: int, since: int) -> Iterator[Step]:
    asked = {"id": "e1-2", "seq": 2, "type": "question", "question": "q1", "value": {"question": "Sure?", "euros": 40}}
    yield from after(since, token(1), asked)
    yield Told()
    yield from ({"id": "e1-3", "seq": 3, "type": "answer", "question": "q1", "value": "yes"}, token(4), end(5))


@script
def two_questions(n: int, since: int) -> Iterator[Step]:
    """A graph may ask several at once."""
    kinds = [("question", "q1"), ("question", "q2"), ("answer", "q1"), ("answer", "q2")]
    four = [{"id": f"e1-{n}", "seq": n, "type": kind, "question": name} for n, (kind, name) in enumerate(kinds, 1)]
    yield from after(since, *four[:2])
    yield Told()
    yield from (*four[2:], token(5), end(6))


@script
def stopped(n: int, since: int) -> Iterator[Step]:
    yield from after(since, token(1))
    yield Told()
    yield end(2, "stopped")


# --- cut, and well again ---


@script
def cuts(n: int, since: int) -> Iterator[Step]:
    """Each connection carries one event more."""
    events = [token(1), token(2), token(3), end(4)]
    yield from after(since, *events[: since + 1])


@script
def silent(n: int, since: int) -> Iterator[Step]:
    """A dead path: nobody is told."""
    yield token(since + 1)
    yield Hold() if since == 0 else end(3)


@script
def replays(n: int, since: int) -> Iterator[Step]:
    """The position is ignored."""
    yield from [token(seq) for seq in range(1, 4)]
    if n >= 2:
        yield from (token(4), token(5), end(6))


@script
def half_an_event(n: int, since: int) -> Iterator[Step]:
    yield from after(since, token(1))
    if n == 0:
        yield Raw(b'id: e1-2\nevent: end\ndata: {"seq": 2, "type": "end", "status": "completed"}\n')
    else:
        yield end(2)


@script
def broken_once(n: int, since: int) -> Iterator[Step]:
    """Something has cut event 2 in two, as a heartbeat does that is written in the middle of a line."""
    if n == 0:
        yield from (
            token(1),
            Raw(b'id: e1-2\nevent: token\ndata: {"seq": 2, "type": "token", "te\n\n'),
            token(3),
            end(4),
        )
    else:
        yield from after(since, token(1), token(2), token(3), end(4))


@script
def busy_for_a_while(n: int, since: int) -> Iterator[Step]:
    yield from [Refusal(503, 1013)] if n < 2 else after(since, token(1), end(2))


@script
def goes_and_comes(n: int, since: int) -> Iterator[Step]:
    """A server that is started anew, with a log that lasts."""
    if n == 0:
        yield from (token(1), Refusal(502, 1012))
        return
    yield from after(since, token(1), token(2), end(3))


@script
def retry_after(n: int, since: int) -> Iterator[Step]:
    yield from after(since, token(1), end(2)) if n else [Refusal(429, 1013, "1")]


@script
def no_events(n: int, since: int) -> Iterator[Step]:
    """What is no event, whatever it is."""
    junk = b"data\n\ndata:\n\nid: e1-9\ndata: [DONE]\n\nid: e1-9\nevent: token\ndata: null\n\ndata: 3\n\n: x\n\n\n\n"
    yield Raw(junk + b'id: e1-0\nevent: unheard_of\ndata: {"type": "unheard_of"}\n\n')
    yield from after(since, token(1), end(2))


# --- for ever ---


@script
def replays_for_ever(n: int, since: int) -> Iterator[Step]:
    yield from [token(1), token(2), token(3)]


@script
def sentinel_for_ever(n: int, since: int) -> Iterator[Step]:
    yield token(1)
    yield Raw(b"data: [DONE]\n\n")


@script
def numbered_sentinel(n: int, since: int) -> Iterator[Step]:
    yield from after(since, token(1))
    yield Raw(b"id: e1-2\ndata: [DONE]\n\n")


@script
def pings_for_ever(n: int, since: int) -> Iterator[Step]:
    yield from [PING, PING]


@script
def broken_for_ever(n: int, since: int) -> Iterator[Step]:
    yield token(1)
    yield Raw(b'id: e1-2\nevent: token\ndata: {"seq": 2, "type": "token", "te\n\n')
    yield from (token(3), end(4))


@script
def unavailable(n: int, since: int) -> Iterator[Step]:
    yield Refusal(503, 1013)


# --- over for good ---


@script
def began_anew(n: int, since: int) -> Iterator[Step]:
    """The numbers go on as if nothing had happened, on another log."""
    yield from [token(1), token(2)] if n == 0 else [token(3, epoch="e2-"), end(4, epoch="e2-")]


def _over(status: int, code: int) -> Script:
    def refused(n: int, since: int) -> Iterator[Step]:
        yield from [token(1)] if n == 0 else [Refusal(status, code)]

    return refused


SCRIPTS |= {
    "gone": _over(404, 4404),
    "another-log": _over(409, 4409),
    "thrown-away": _over(410, 4404),
    "unknown": _over(401, 4401),
    "forbidden": _over(403, 1008),
}
