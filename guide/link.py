"""Answers as a token that fits into a link, and back. Keyed by ids, so that a new question breaks no old link.

1~uplink.controls~clients.browsers.programs
| |      |
| |      answer ids, joined by dots; all characters pass unchanged through an address
| question id
version of this format
"""

from __future__ import annotations

from dataclasses import dataclass

from guide.book import Book
from guide.model import UNKNOWN, Answers

VERSION = "1"
LONGEST = 2000
"""Characters. All questions with all answers come to about 400; a longer token was not made here."""


@dataclass(frozen=True)
class Opened:
    """What a token held, and what in it could not be used."""

    answers: dict[str, tuple[str, ...]]
    problems: tuple[str, ...]
    """Names of what was left aside: `version 9`, `question colour`, `answer red of uplink` ..., never a guess."""


def encode(answers: Answers) -> str:
    """The token; empty where there are no answers."""
    pairs = [f"{qid}.{'.'.join(chosen)}" for qid, chosen in answers.items() if chosen]
    return "~".join((VERSION, *pairs)) if pairs else ""


def decode(token: str, book: Book) -> Opened:
    """Answers from a token. What is unknown is named and left aside, the rest is kept."""
    if not token:
        return Opened({}, ())
    if len(token) > LONGEST:
        return Opened({}, (f"link of {len(token)} characters (at most {LONGEST})",))
    version, *pairs = token.split("~")
    if version != VERSION:
        return Opened({}, (f"version {version[:20]!r}",))
    answers: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    for pair in pairs:
        qid, _, given = pair.partition(".")
        question = book.questions.get(qid)
        if question is None or qid in answers:
            problems.append(f"{'repeated question' if question else 'question'} {qid[:40]!r}")
            continue
        known = [aid for aid in dict.fromkeys(given.split(".")) if aid in question.answers or aid == UNKNOWN]
        problems += [f"answer {aid[:40]!r} to {qid!r}" for aid in given.split(".") if aid not in known]
        if known and not question.multiple and len(known) > 1:
            problems.append(f"second answer {known[1]!r} to {qid!r}")
            known = known[:1]
        if UNKNOWN in known:
            known = [UNKNOWN]
        if known:
            answers[qid] = tuple(known)
    return Opened(answers, tuple(problems))


def read_answers(given: object, book: Book) -> dict[str, tuple[str, ...]]:
    """Answers from a mapping question id -> answer id or list of them, as files hold them.

    Raises:
        ValueError: with every mistake in it, a line each.
    """
    if not isinstance(given, dict):
        raise ValueError(f"found {type(given).__name__}. Allowed: a mapping of question ids to answer ids")
    problems: list[str] = []
    answers: dict[str, tuple[str, ...]] = {}
    for qid, value in given.items():
        question = book.questions.get(qid)
        if question is None:
            problems.append(f"{qid}: no such question. Allowed: {', '.join(book.questions)}")
            continue
        chosen = tuple(value) if isinstance(value, list | tuple) else (value,)
        allowed = [*question.answers, UNKNOWN]
        wrong = [aid for aid in chosen if aid not in allowed]
        if wrong or not chosen:
            problems.append(f"{qid}: found {wrong or 'nothing'}. Allowed: {', '.join(allowed)}")
        elif len(chosen) > 1 and (not question.multiple or UNKNOWN in chosen):
            problems.append(f"{qid}: found {len(chosen)} answers. Allowed: one")
        elif len(set(chosen)) < len(chosen):
            twice = next(aid for aid in chosen if chosen.count(aid) > 1)
            problems.append(f"{qid}: found {twice!r} twice. Allowed: each answer once")
        else:
            answers[qid] = chosen
    if problems:
        raise ValueError("\n".join(problems))
    return answers
