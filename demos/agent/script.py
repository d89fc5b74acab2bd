"""Composes the texts of the scripted model, a plan and an answer, from the facts found. Pure text, no clock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle

from guide.model import Fact

LABEL = "Written by a script from the guide's facts; no language model was asked."
_PIECE = re.compile(r"\s*\S+|\s+$")


def plan(question: str, reported: Sequence[str]) -> str:
    """What the agent is about to do, in one or two sentences."""
    about = f" and at {len(reported)} of your answers" if reported else ""
    return f"I will look up what the guide knows about: {question.strip()[:200]}{about}, then answer with sources."


def answer(facts: Mapping[str, Fact], found: Sequence[str], reported: Sequence[str], remark: str = "") -> str:
    """The answer: what was found, tied to what the user said, each fact numbered, sources at the end.

    Args:
        facts: every fact of the guide.
        found: ids of the facts to cite, best first.
        reported: the user's answers, as in "the client sends a few controls".
        remark: what the human said when asked, if anybody was.
    """
    return "".join(_parts([facts[key] for key in found], reported, remark)).strip()


def _parts(found: Sequence[Fact], reported: Sequence[str], remark: str) -> Iterator[str]:
    if remark:
        yield f"You were asked first and said: {remark[:200]}.\n\n"
    if reported:
        yield f"You told the guide that {'; '.join(reported[:4])}. "
    if not found:
        yield f"The guide holds no fact about this. Ask about reconnecting, proxies, heartbeats or limits. {LABEL}"
        return
    yield "With that in mind:\n\n" if reported else "This is what the guide knows:\n\n"
    for number, fact in enumerate(found, 1):
        yield f"{number}. {fact.claim} [{number}] The figure to remember: {fact.figure}.\n"
    yield f"\nWhere this may not hold: {found[0].scope} [1]\n\n"
    yield from sources(found)
    yield LABEL


def heard(said: Sequence[str]) -> str:
    """Return one token that repeats the input received during the answer."""
    return f" [You said: {'; '.join(said)};]"


def sources(found: Sequence[Fact]) -> Iterator[str]:
    """A numbered line for the source of each fact, with a headline and an empty line after them; nothing for none."""
    if found:
        yield "Sources:\n"
    for number, fact in enumerate(found, 1):
        source = fact.source[0]
        yield f"[{number}] {source.title}, {source.url} (checked {fact.checked.isoformat()})\n"
    if found:
        yield "\n"


def pieces(text: str, count: int | None = None) -> list[str]:
    """Text as tokens: a word with the space before it. `count` cuts or, by saying it again, extends."""
    words = _PIECE.findall(text)
    if count is None or not words:
        return words
    if count <= len(words):
        return words[:count]
    again = cycle(["\n\nOnce more: " + words[0], *words[1:]])
    return [*words, *(next(again) for _ in range(count - len(words)))]
