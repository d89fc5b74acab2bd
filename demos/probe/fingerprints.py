"""Recognises the parts of the path from HTTP headers, and finds the fixes for a problem there, in the guide's words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from demos.proxies import catalog as proxies
from guide.book import KNOWLEDGE, Book
from guide.model import Answer, ProbeCure, Question, Sign, Trouble

MOST_FIXES, MOST_CURES = 4, 6


@dataclass(frozen=True)
class Named:
    """A part of the path, recognised or given by the user."""

    means: str
    """The id of its answer."""
    text: str
    by: str
    """The header that identified it, as received."""
    serves: bool
    """The application server itself, in front of which the path ends."""


@dataclass(frozen=True)
class Fix:
    """A setting that solves a problem in the path."""

    means: str
    """Id of what stands there; empty: whatever does."""
    text: str
    setting: str
    sentence: str
    file: str | None
    """The recommended configuration, as a path in this project; None: there is none."""
    sure: bool
    """Whether this part was recognised in the path; otherwise it is only possible."""


def places(book: Book) -> Question:
    """Return the question about the path."""
    return next(question for question in book.questions.values() if question.places)


def named(
    book: Book, headers: Iterable[Mapping[str, str]], about: Mapping[str, Any], waits: bool = False
) -> tuple[Named, ...]:
    """Return the parts that the response headers identify, and the request headers as the target received them.

    `waits`: whether streams waited for each other.
    """
    seen = about.get("headers")
    arrived = {str(name) for name in seen} if isinstance(seen, list) else set()
    told = [*headers]
    names: set[str] = set().union(*told)
    found: dict[str, Named] = {}
    for sign in book.signs.values():
        if sign.waits not in (None, waits):
            continue
        if by := next(filter(None, (_told(sign, one) for one in told)), "") or _arrived(sign, arrived, names):
            found.setdefault(sign.means, _named(book, sign.means, by))
    return tuple(found.values())


def behind(book: Book, means: str) -> Named:
    """Return the part that the user says stands there.

    Raises:
        KeyError: nothing in the path has this id.
    """
    if not places(book).answers[means].place:
        raise KeyError(means)
    return _named(book, means, "--behind")


def _named(book: Book, means: str, by: str) -> Named:
    answer = places(book).answers[means]
    # The last place of the path holds the connections: nothing is in front of itself.
    return Named(means, answer.text, by, answer.place == list(places(book).places)[-1])


def _told(sign: Sign, headers: Mapping[str, str]) -> str:
    value = headers.get(sign.header or "", "")
    return f"{sign.header}: {value[:80]}" if value and re.search(sign.says or "", value, re.IGNORECASE) else ""


def _arrived(sign: Sign, arrived: set[str], told: set[str]) -> str:
    """`told`: names of all response headers."""
    others = arrived.intersection(sign.unseen) or told.intersection(sign.unless)
    return f"{', '.join(sign.seen)} arrived" if sign.seen and arrived.issuperset(sign.seen) and not others else ""


def cures(book: Book, here: Sequence[Named], outcome: str, trouble: Trouble | None, option: str) -> tuple[Fix, ...]:
    """Return what cures an outcome: what holds for all, then the settings of what stands there or may stand there."""
    cause = next((one for one in book.probe_causes.values() if outcome in one.found), None)
    usual = fixes(book, here, trouble, option) if trouble else ()
    if cause is None:
        return usual
    general = [Fix("", "", cure.setting, "", None, True) for cure in cause.cures if not cure.means and cure.setting]
    means = {one.means for one in here}
    special = [fix for cure in cause.cures if cure.means for fix in _cured(book, cure, trouble, option, means)]
    sure = [fix for fix in special if fix.sure]
    found = [*sure, *general, *([] if sure else special)]
    return tuple(found[:MOST_CURES]) if cause.only else (*found, *usual)


def question_of(book: Book, outcome: str) -> str:
    """What to ask where nothing names itself; empty if there is no such question."""
    return next((one.ask or "" for one in book.probe_causes.values() if outcome in one.found), "")


def _cured(book: Book, cure: ProbeCure, trouble: Trouble | None, option: str, here: Collection[str]) -> list[Fix]:
    assert cure.means is not None
    sure = cure.means in here
    if cure.setting or trouble is None:
        text = places(book).answers[cure.means].text
        return [Fix(cure.means, text, cure.setting or "", "", _recommended(book, cure.means), sure)]
    return _settings(book, cure.means, trouble, option, sure)


def fixes(book: Book, here: Iterable[Named], trouble: Trouble, option: str) -> tuple[Fix, ...]:
    """Return the fixes for a problem. If no recognised part has it: fixes for possible parts, typical ones first."""
    sure = [fix for one in here for fix in _settings(book, one.means, trouble, option, True)]
    if sure:
        return tuple(sure)
    answers = places(book).answers
    unseen = [sign.means for sign in book.signs.values() if not sign.header and not sign.seen]
    proxy = {answers[means].place for means in unseen}  # its like: what one configures oneself
    usual = [aid for aid, answer in answers.items() if answer.typical and answer.place in proxy]
    maybe = [fix for means in (*usual, *unseen) for fix in _settings(book, means, trouble, option, False)]
    return tuple(maybe[:MOST_FIXES])


def _settings(book: Book, means: str, trouble: Trouble, option: str, sure: bool) -> list[Fix]:
    answer: Answer = places(book).answers[means]
    file = _recommended(book, means)
    return [
        Fix(means, answer.text, limit.setting, limit.sentence, file, sure)
        for limit in answer.limits
        if limit.trouble is trouble and limit.option in (None, option) and limit.setting
    ]


def _recommended(book: Book, means: str) -> str | None:
    folder = next((sign.proxy for sign in book.signs.values() if sign.means == means and sign.proxy), None)
    if folder is None:
        return None
    file = next(proxies.folder(folder).glob("recommended.*"))
    return file.relative_to(KNOWLEDGE.parent.parent).as_posix()
