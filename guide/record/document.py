"""Format-independent form of a record: headings, paragraphs, lists, tables, a diagram.

`guide/record/outline.py` fills it once; every format walks it. So all forms say the same, by construction. All text in
it is plain text; a format escapes every piece alike, whoever wrote it.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

_ENDED_BY = dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c") | dict.fromkeys("\u2066\u2067\u2068", "\u2069")
"""Characters that turn the direction of writing, and what ends each."""


@dataclass(frozen=True)
class Plain:
    """Text on one line."""

    text: str
    style: Literal["", "strong", "code"] = ""


@dataclass(frozen=True)
class Mark:
    """A citation: the number of an entry among the sources."""

    number: int


@dataclass(frozen=True)
class Link:
    """Text that leads to an https address."""

    text: str
    url: str


Span = Plain | Mark | Link
Line = tuple[Span, ...]


@dataclass(frozen=True)
class Paragraph:
    line: Line


@dataclass(frozen=True)
class Typed:
    """What somebody typed: paragraphs of lines, broken where they broke them."""

    paragraphs: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Items:
    """A list. `sources` is numbered from 1, and Marks lead to it; `todo` has a box to tick."""

    items: tuple[Line, ...]
    style: Literal["plain", "todo", "sources"] = "plain"


@dataclass(frozen=True)
class Table:
    """Rows under a head; the first cell of a row names it."""

    head: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    numbers: tuple[int, ...] = ()
    """Columns, from 0, that hold numbers."""


@dataclass(frozen=True)
class Figure:
    """A drawing as SVG, and what it says for those who cannot see it."""

    svg: str
    title: str
    says: tuple[Line, ...]


@dataclass(frozen=True)
class Code:
    """A file as it is: every line, every blank."""

    text: str


Block = Paragraph | Typed | Items | Table | Figure | Code


@dataclass(frozen=True)
class Section:
    title: str
    blocks: tuple[Block, ...] = ()
    parts: tuple[Section, ...] = ()
    new_page: bool = False
    """Whether it begins a page of its own, where a form has pages."""


@dataclass(frozen=True)
class Document:
    """A whole record. `decision` is its gist, and stands before everything else. No status: it is no decision."""

    title: str
    status: str
    date: datetime.date
    deciders: str
    headline: str
    decision: tuple[Line, ...]
    sections: tuple[Section, ...]
    colophon: str
    kicker: str = "Decision"
    """What stands above the gist."""


def line(*parts: str | Span | tuple[Span, ...]) -> Line:
    """Spans in a row; a string is plain text, and all its white space is single blanks."""
    spans: list[Span] = []
    for part in parts:
        if isinstance(part, str):
            spans.append(Plain(clean(part)))
        elif isinstance(part, tuple):
            spans.extend(part)
        else:
            spans.append(part)
    return tuple(spans)


def strong(text: str) -> Plain:
    """Plain text that stands out."""
    return Plain(clean(text), "strong")


def prose(text: str) -> Line:
    """A text of the knowledge folder, where code stands between backticks. For nothing that somebody typed."""
    pieces = clean(text).split("`")
    if len(pieces) % 2 == 0:  # a backtick on its own is a backtick
        return (Plain(clean(text)),)
    return tuple(Plain(piece, "code" if n % 2 else "") for n, piece in enumerate(pieces) if piece)


def typed(text: str) -> Typed:
    """Lines and paragraphs as somebody typed them."""
    lines = [clean(row).strip() for row in text.splitlines()]
    groups = re.split(r"\n{2,}", "\n".join(lines).strip("\n"))
    return Typed(tuple(tuple(group.split("\n")) for group in groups if group))


def clean(text: str) -> str:
    """Text for one line that shows what is in it and reaches no further.

    White space becomes single blanks, other control characters the replacement character. What turns the direction of
    writing is ended, so that a name cannot turn the sentence after it around.
    """
    text = re.sub(r"\s+", " ", text)
    if text.isascii() and text.isprintable():  # nearly all text is; a record has a thousand pieces of it
        return text
    text = "".join("\ufffd" if unicodedata.category(c) == "Cc" else c for c in text)
    return text + "".join(reversed(_open(text)))


def _open(text: str) -> list[str]:
    """The ends that are still to come of what turns the direction of writing."""
    ends: list[str] = []
    for c in text:
        if c in _ENDED_BY:
            ends.append(_ENDED_BY[c])
        elif ends and c == ends[-1]:
            ends.pop()
        elif c == "\u2069" and c in ends:  # ends what was opened within it too
            del ends[len(ends) - 1 - ends[::-1].index(c) :]
    return ends
