"""Composes the texts of the scripted model, a plan and an answer, from the facts found. Pure text, no clock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice
from typing import Any

from guide.model import Fact

LABEL = "Written by a script from the guide's facts; no language model was asked."
CUSTOMER, ORDER, REFUND_EUR = "Ana", 1182, 40
_PIECE = re.compile(r"\s*\S+|\s+$")
_LAST_WORD = re.compile(r"\s*(?!\d+\.$)\S*[.!?][\"')\]]*$")
_NUMBER = re.compile(r"\s*\[\d+\]$")
CLOSINGS = (
    "Done.",
    "That's all.",
    "That is all.",
    "This answer ends here.",
    "The rest is left out.",
    "More was found than fits here.",
    "More was found than this length holds.",
    "More was found than fits the length here.",
    "More was found than fits into answers this short.",
)
"""Sentences of one word, of two, and so on: a short answer ends with the one that fills it up to the last token."""
FILLERS = (
    "This answer was asked to be short.",
    "So it ends with a whole sentence.",
    "Each fact has its source in the library.",
)


def plan(question: str, reported: Sequence[str], asks: bool = False) -> str:
    """What the agent is about to do, in one or two sentences. `asks`: a human has to approve something first."""
    first = f" One thing before that: order {ORDER} waits for a refund, and you decide." if asks else ""
    about = f" and at {len(reported)} of your answers" if reported else ""
    asked = question.strip()[:200]
    return f"I will look up what the guide knows about: {asked}{about}, then answer with sources.{first}"


def approval() -> dict[str, Any]:
    """What a human is asked to approve: the action, how much, to whom and why. Nothing is paid; it is a scene."""
    return {
        "question": f"Refund {REFUND_EUR} EUR to {CUSTOMER} for order {ORDER}? The lamp arrived broken.",
        "action": "refund",
        "amount_eur": REFUND_EUR,
        "to": CUSTOMER,
        "order": ORDER,
        "allowed": "yes, no, or a remark",
    }


def decided(remark: str) -> str:
    """What becomes of the refund, after what the human said."""
    match remark.strip().lower():
        case "yes":
            return f"Approved: {CUSTOMER} gets {REFUND_EUR} EUR back for order {ORDER}."
        case "no":
            return f"Declined: {CUSTOMER} gets no money back for order {ORDER}."
        case _:
            return f"About the refund to {CUSTOMER} you said: {remark[:200]}."


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
        yield f"{decided(remark)}\n\n"
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
    """Text as tokens: a word with the space before it. With `count`, exactly so many, and the last ends a sentence.

    A longer text ends at its last sentence that fits, and closing words fill it up. A shorter one is said again.
    """
    words = _PIECE.findall(text)
    if count is None or not words or count == len(words):
        return words
    again = cycle(["\n\nOnce more: " + words[0], *words[1:]])
    longer = [*words, *islice(again, max(0, count + 1 - len(words)))]
    end = next((n for n in range(count, 0, -1) if _ends_sentence(longer[n - 1], longer[n])), 0)
    return [*longer[:end], *_closing(count - end, first=end == 0)]


def _ends_sentence(word: str, following: str) -> bool:
    """Whether a text may end after this word: with its sentence, and the number of its source; or with its line."""
    if following.startswith("\n"):
        return not word.endswith(":")
    return bool(_LAST_WORD.match(word) or _NUMBER.match(word)) and not _NUMBER.match(following)


def _closing(count: int, first: bool) -> list[str]:
    """Whole sentences of so many words together."""
    sentences, more = [], cycle(FILLERS)
    while count > len(CLOSINGS):
        sentences.append(next(more))
        count -= len(sentences[-1].split())
    if count:
        sentences.append(CLOSINGS[count - 1])
    words = _PIECE.findall(" ".join(sentences))
    return words if first or not words else [" " + words[0], *words[1:]]
