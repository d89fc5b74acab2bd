"""Encodes answers as a token for links, and decodes it. Uses ids, so a new question breaks no old link.

1.2026.12~uplink.controls~clients.browsers.programs
| |       |      |
| |       |      answer ids, joined by dots; all characters pass unchanged through an address
| |       question id
| version of the rules, in links that are handed on
version of this format

Answers that have got another name since are mapped (`knowledge/renamed.yaml`), and what was done is said.
"""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from difflib import get_close_matches

from guide.book.contents import Book
from guide.model import UNKNOWN, Answers

VERSION = "1"
NOTHING = "(nothing of today)"
"""What an answer was carried over to for which nothing of today stands."""
LONGEST = 4000
"""Characters. All questions with all answers come to about 1,100; a longer token was not made here."""


@dataclass(frozen=True)
class Opened:
    """What a token held, and what in it could not be used."""

    answers: dict[str, tuple[str, ...]]
    problems: tuple[str, ...]
    """Names of what was left aside: `version 9`, `question colour`, `answer red of uplink` ..., never a guess."""
    moved: tuple[str, ...] = ()
    """Answers that were carried over under another name: `front.held → path.other-held`."""
    version: str = ""
    """The rules under which the link was made; '' where it does not say."""


def encode(answers: Answers, version: str = "") -> str:
    """The token; empty where there are no answers. `version`: of the rules, for a link that is handed on."""
    pairs = [f"{qid}.{'.'.join(chosen)}" for qid, chosen in answers.items() if chosen]
    return "~".join((f"{VERSION}.{version}" if version else VERSION, *pairs)) if pairs else ""


def carry_over(given: Answers, book: Book) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """(answers by today's names, what was carried over). What has no name of today is left as it is."""
    out: dict[str, dict[str, None]] = {}  # each set keeps its order
    moved: list[str] = []
    joined: set[str] = set()
    for qid, chosen in given.items():
        if not chosen:
            out[qid] = {}
        for aid in chosen:
            old = f"{qid}.{aid}"
            new = book.renamed.get(old, old)
            moved += [f"{old} → {new or NOTHING}"] if new != old else []
            if new:
                to, answer = new.split(".", 1) if new != old else (qid, aid)
                out.setdefault(to, {})[answer] = None
                joined |= {to} if new != old else set()
    named = {qid: tuple(chosen) for qid, chosen in out.items()}
    return {qid: _named(book, qid, said) if qid in joined else said for qid, said in named.items()}, tuple(moved)


def _named(book: Book, qid: str, chosen: tuple[str, ...]) -> tuple[str, ...]:
    """Without what excludes every other answer, where another one was carried over to stand beside it."""
    answers = book.questions[qid].answers
    return tuple(aid for aid in chosen if aid in answers and not answers[aid].alone) or chosen


def decode(token: str, book: Book) -> Opened:
    """Answers from a token. What is unknown is named and left aside, the rest is kept."""
    if not token:
        return Opened({}, ())
    if len(token) > LONGEST:
        return Opened({}, (f"link of {len(token)} characters (at most {LONGEST})",))
    head, *pairs = token.split("~")
    version, _, rules = head.partition(".")
    if version != VERSION:
        return Opened({}, (f"version {head[:20]!r}",))
    given: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    for pair in pairs:
        qid, _, chosen = pair.partition(".")
        if qid in given:
            problems.append(f"{'repeated question' if qid in book.questions else 'question'} {qid[:40]!r}")
            continue
        given[qid] = tuple(dict.fromkeys(chosen.split(".")))
    named, moved = carry_over(given, book)
    answers: dict[str, tuple[str, ...]] = {}
    for qid, said in named.items():
        question = book.questions.get(qid)
        if question is None or question.derived:
            problems.append(f"question {qid[:40]!r}")
            continue
        known = [aid for aid in said if aid in question.answers or aid == UNKNOWN]
        problems += [f"answer {aid[:40]!r} to {qid!r}" for aid in said if aid not in known]
        if known and not question.multiple and len(known) > 1:
            problems.append(f"second answer {known[1]!r} to {qid!r}")
            known = known[:1]
        apart = [aid for aid in known if aid == UNKNOWN or question.answers[aid].alone]
        known = apart[:1] or known
        if known:
            answers[qid] = tuple(known)
    return Opened(answers, tuple(problems), moved, rules[:40])


MOST_PROBLEMS = 50
_REPR = reprlib.Repr()
_REPR.maxlevel = 3


def read_answers(given: object, book: Book) -> dict[str, tuple[str, ...]]:
    """Answers from a mapping question id -> answer id or list of them, as files hold them.

    Raises:
        ValueError: with every mistake in it, a line each.
    """
    if not isinstance(given, dict):
        raise ValueError(f"found {type(given).__name__}. Allowed: a mapping of question ids to answer ids")
    problems: list[str] = []
    listed = False  # the questions that there are: once is enough
    answers: dict[str, tuple[str, ...]] = {}
    for qid, value in given.items():
        question = book.questions.get(qid)
        if question is None or question.derived:
            asked = [key for key, found in book.questions.items() if not found.derived]
            once = "" if listed else f" Allowed: {', '.join(asked)}"
            listed = True
            problems.append(f"{_short(qid)}: no such question.{_nearest(qid, asked)}{once}")
            continue
        chosen = tuple(value) if isinstance(value, list | tuple) else (value,)
        allowed = [*question.answers, UNKNOWN]
        wrong = [aid for aid in chosen if aid not in allowed]
        if wrong or not chosen:
            found = f"{_short(wrong)}.{_nearest(wrong[0], allowed)}" if wrong else "nothing."
            problems.append(f"{qid}: found {found} Allowed: {', '.join(allowed)}")
        elif len(chosen) > 1 and (
            not question.multiple or UNKNOWN in chosen or any(question.answers[aid].alone for aid in chosen)
        ):
            problems.append(f"{qid}: found {len(chosen)} answers. Allowed: one")
        elif len(set(chosen)) < len(chosen):
            twice = next(aid for aid in chosen if chosen.count(aid) > 1)
            problems.append(f"{qid}: found {twice!r} twice. Allowed: each answer once")
        else:
            answers[qid] = chosen
        if len(problems) == MOST_PROBLEMS:
            problems.append("... and perhaps more")
            break
    if problems:
        raise ValueError("\n".join(problems))
    return answers


def _nearest(found: object, allowed: list[str]) -> str:
    """A sentence that names the id that was probably meant; empty where none is near."""
    near = get_close_matches(found[:60], allowed, 1) if isinstance(found, str) else []
    return f" Nearest: {near[0]}." if near else ""


def _short(value: object) -> str:
    """A value for a message. YAML's aliases make a few lines of text a value that would take minutes to print."""
    return _REPR.repr(value)[:200] if not isinstance(value, str) else value[:100].encode("utf-8", "replace").decode()
