"""Builds the prompt for a real model: its task, and the guide's facts to answer from. Pure text, no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from demos.agent import script
from guide.model import Fact

_TASK = (
    "You answer questions about streaming an AI agent's output to a client, over Server-Sent Events or WebSocket. "
    "Rest on the numbered facts below and on nothing else. After each statement put the number of its fact in square "
    "brackets, like [1]. If the facts do not answer the question, say so. Answer in plain, short sentences. "
    "Do not list the sources; they are added after your answer."
)
_NOTHING = "The guide holds no fact about this question. Say so, and do not answer from memory."


def task(facts: Mapping[str, Fact], found: Sequence[str], reported: Sequence[str]) -> str:
    """The system message: what to do, and what may be cited, in the order in which it was found.

    Args:
        facts: every fact of the guide.
        found: ids of the facts to cite, best first.
        reported: the user's answers, as in "the client sends a few controls".
    """
    lines = [_TASK, ""]
    if reported:
        lines += [f"What the user told the guide: {'; '.join(reported)}.", ""]
    for number, fact in enumerate((facts[key] for key in found), 1):
        lines.append(f"[{number}] {fact.claim} Figure: {fact.figure}. May not hold: {fact.scope}")
    return "\n".join(lines if found else [*lines, _NOTHING])


def question(asked: str, remark: str) -> str:
    """The user's message, with what the human said when the agent asked before answering."""
    return f"{asked}\n\nBefore you answer, say this first, word for word: {script.decided(remark)}" if remark else asked


def coda(facts: Mapping[str, Fact], found: Sequence[str], model: str) -> str:
    """What follows the model's words: the sources, from the guide and so never invented, and who wrote it."""
    label = f"Written by {model}, a language model; it may be wrong. The sources are the guide's."
    return "\n\n" + "".join(script.sources([facts[key] for key in found])) + label
