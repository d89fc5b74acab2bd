"""Describes the bytes of an event stream: line ends, fields, ids, the end. Pure; opens no connection."""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from demos.protocol.sse import BOM, LINE_END, Decoder, Message

FIELDS = frozenset(("data", "event", "id", "retry"))
LONG_LINE = 65_536
"""Characters from which on some clients refuse a line."""
SENTINELS = frozenset(("[DONE]", "DONE", "[END]", "<EOS>"))
LAST = re.compile(
    r"done|end(ed)?|stop(ped)?|complete(d)?|finish(ed)?|clos(e|ed)|final|error|fail(ed|ure)?|cancel(led|ed)?",
    re.IGNORECASE,
)
"""Words by which a last event says that it is one."""
SIGN = re.compile(r"(server[._-]?)?(ping|heart[._-]?beat|keep[._-]?alive)", re.IGNORECASE)
"""Words by which an event says that it is a sign of life: it has no content, moves no position and needs no id."""
TELLS_END = ("type", "event", "status", "finish_reason", "state", "kind")
"""Keys of an event's JSON that may say so."""


@dataclass(frozen=True)
class StreamBytes:
    """What the bytes of one event stream are like."""

    events: int
    heartbeats: int
    """Lines that are comments, and events that are signs of life."""
    content: int
    """Events that are no signs of life."""
    line_ends: Counter[str]
    """`LF`, `CR` and `CRLF`, counted."""
    has_bom: bool
    unfinished: bool
    """Whether something stands behind the last empty line, which every client drops."""
    with_id: int
    """Of those with content."""
    repeated_ids: int
    unknown_fields: tuple[str, ...]
    json: int
    """Events whose data is JSON."""
    sentinel: str
    """Data of the last event, if it is one of the known sentinels."""
    says_end: bool
    """Whether the last event says that it is the last."""
    longest_line: int
    broken_utf8: bool


def describe(raw: bytes) -> StreamBytes:
    """Describe a stream as it came, from its first byte on."""
    broken = False
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character that our own limit cut in two is no fault of the server.
        broken = error.end < len(raw) or not error.reason.startswith("unexpected end")
        text = codecs.decode(raw, "utf-8", "replace")
    bare = text.removeprefix(BOM)
    lines = LINE_END.split(bare)
    decoder = Decoder()
    messages = [*decoder.feed(raw)]
    content = [message for message in messages if not _is_sign(message)]
    blocks = [block for block in re.split(r"(?:\r\n|\n|\r){2,}", bare) if "data" in block]
    given = [found for block in blocks if (found := _id_of(block)) is not None and not _all_signs(block)]
    names = [line.partition(":")[0] for line in lines if line and not line.startswith(":")]
    return StreamBytes(
        events=len(messages),
        heartbeats=sum(line.startswith(":") for line in lines) + len(messages) - len(content),
        content=len(content),
        line_ends=Counter({"\n": "LF", "\r": "CR", "\r\n": "CRLF"}[end] for end in LINE_END.findall(bare)),
        has_bom=text.startswith(BOM),
        unfinished=_is_unfinished(lines),
        with_id=len(given),
        repeated_ids=len(given) - len({*given}),
        unknown_fields=tuple(dict.fromkeys(name[:20] for name in names if name not in FIELDS))[:3],
        json=sum(_is_json(message.data) for message in messages),
        sentinel=messages[-1].data if messages and messages[-1].data.strip() in SENTINELS else "",
        says_end=bool(messages) and _says_end(messages[-1]),
        longest_line=max(map(len, lines), default=0),
        broken_utf8=broken,
    )


def positions(raw: bytes) -> list[str]:
    """The id that a client would send after each event with content, in order; empty text where none was given yet."""
    return [message.last_event_id for message in Decoder().feed(raw) if not _is_sign(message)]


def first_data(raw: bytes) -> str:
    """The data of the first event with content; empty without one."""
    return next((message.data for message in Decoder().feed(raw) if not _is_sign(message)), "")


def _is_sign(message: Message) -> bool:
    if SIGN.fullmatch(message.event):
        return True
    try:
        data = json.loads(message.data)
    except (ValueError, RecursionError):
        return bool(SIGN.fullmatch(message.data.strip()))
    told = [data.get(key) for key in TELLS_END] if isinstance(data, dict) else [data]
    return any(isinstance(one, str) and bool(SIGN.fullmatch(one)) for one in told)


def _all_signs(block: str) -> bool:
    return all(map(_is_sign, Decoder().feed(f"{block}\n\n".encode())))


def _id_of(block: str) -> str | None:
    found = [line.partition(":")[2].removeprefix(" ") for line in LINE_END.split(block) if re.match(r"id(:|$)", line)]
    return found[-1] if found else None


def _is_unfinished(lines: Sequence[str]) -> bool:
    """Whether a field stands behind the last empty line. The last of the lines is what follows the last line end."""
    for line in reversed(lines[:-1]):
        if not line:
            break
        if not line.startswith(":"):
            return True
    return bool(lines[-1]) and not lines[-1].startswith(":")


def _is_json(data: str) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _says_end(message: Message) -> bool:
    if message.data.strip() in SENTINELS or LAST.search(message.event):
        return True
    try:
        data = json.loads(message.data)
    except (ValueError, RecursionError):
        return False
    if not isinstance(data, dict):
        return False
    if "jsonrpc" in data and {"result", "error"} & {*data}:
        return True  # the response to a request of the Model Context Protocol
    told = [data, *(value for value in data.values() if isinstance(value, dict))]
    told += [one for value in data.values() if isinstance(value, list) for one in value if isinstance(one, dict)]
    return any(isinstance(one.get(key), str) and bool(LAST.search(one[key])) for one in told for key in TELLS_END)
