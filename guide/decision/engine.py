"""Decides between SSE and WebSocket: a pure function of (book, answers).

    answers --asked?--> effects that apply --points--> standings --margin--> sse | websocket | level
                 \\--conditions--> outside our scope, pattern, needs, rows

Points stand once, in `guide.decision.plan`. `level` is an answer, not a failure: where the points are equal the guide
does not force one. Everything harder is computed when it is asked for: what is still open (`Verdict.open`, `.settled`),
what would change it (`guide.decision.what_if`), how much the weights matter (`guide.decision.robustness`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from guide.book import Book
from guide.decision.bounds import bounds, settled
from guide.decision.plan import POINTS, Plan, Push, Reason, compiled, fits, fits_wholly, plan
from guide.model import UNKNOWN, Answers, Condition

DECIDED = 2
"""Margin from which a choice is called decided, if no open question can turn it; else it is leaning, or level at 0."""
LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Standing:
    option: str
    points: int
    ruled_out: bool


@dataclass(frozen=True)
class Verdict:
    """What the rules say about one set of answers."""

    choice: str
    """An option's id, `level`, or the id of what lies outside."""
    kind: Literal["option", "level", "outside"]
    margin: int
    standings: tuple[Standing, ...]
    reasons: tuple[Reason, ...]
    pattern: str | None
    needs: tuple[str, ...]
    rows: tuple[str, ...]
    clashes: tuple[str, ...]
    """Answers that do not go together."""
    missing: tuple[str, ...]
    """Questions not answered yet."""
    quantities: Mapping[str, float]
    """What the answers stand for in numbers, in seconds."""
    live: Answers = field(repr=False)
    """The answers that count, with what follows from them."""
    book: Book = field(repr=False, compare=False)

    @cached_property
    def unknowns(self) -> tuple[str, ...]:
        """Questions answered 'not sure' whose answer could turn the choice or its margin."""
        reach = bounds(self.book, self.live, POINTS)
        return tuple(qid for qid, chosen in self.live.items() if chosen == (UNKNOWN,) and reach.moves(qid))

    @cached_property
    def open(self) -> tuple[str, ...]:
        """Of the missing ones, those whose answer alone could change the choice."""
        return tuple(qid for qid in self.missing if could_turn(self.book, self.live, qid))

    @cached_property
    def turnable(self) -> tuple[str, ...]:
        """Questions without an answer, or answered 'not sure', of which one answer alone would change the choice."""
        unsure = (qid for qid, chosen in self.live.items() if chosen == (UNKNOWN,))
        asked = (qid for qid in unsure if not self.book.questions[qid].derived)
        return (*self.open, *(qid for qid in asked if could_turn(self.book, self.live, qid)))

    @cached_property
    def strength(self) -> Literal["decided", "leaning", "level", "outside"]:
        """How sure the choice is. *Decided* is earned: by the margin, and by no question that is still open."""
        if self.kind != "option":
            return self.kind
        return "decided" if self.margin >= DECIDED and not self.turnable else "leaning"

    @cached_property
    def settled(self) -> bool:
        """No answer to the missing questions, alone or together, changes the choice."""
        return not self.missing or settled(bounds(self.book, self.live, POINTS), self.choice)


def holds(condition: Condition, answers: Answers) -> bool:
    """Whether every question named has an allowed answer."""
    return fits(compiled(condition), answers)


def asked_questions(book: Book, answers: Answers) -> list[str]:
    """Ids of the questions that these answers leave to ask, answered or not, in order."""
    return plan(book).visible(answers)[0]


def next_question(book: Book, answers: Answers) -> str | None:
    """The first question without an answer, None when all are answered."""
    return next((qid for qid in asked_questions(book, answers) if qid not in answers), None)


def cards(book: Book, answers: Answers) -> dict[str, tuple[str, ...]]:
    """The cards on which these answers leave to ask, in order: the leading question, and all on its card."""
    found: dict[str, tuple[str, ...]] = {}
    for qid in asked_questions(book, answers):
        lead = book.questions[qid].card or qid
        found[lead] = (*found.get(lead, ()), qid)
    return found


def decide(book: Book, answers: Answers) -> Verdict:
    """The verdict for these answers. Answers to questions that are not asked are left aside, unknown ids ignored."""
    ready = plan(book)
    visible, live = ready.visible(answers)
    pushes = tuple(ready.effects(live))
    points, out = tally(ready, pushes)
    choice, margin = conclude(ready, points, out, beyond(ready, live))
    kind: Literal["option", "level", "outside"] = (
        "option" if choice in book.options else "level" if choice == LEVEL else "outside"
    )
    return Verdict(
        choice=choice,
        kind=kind,
        margin=margin,
        standings=tuple(Standing(o, points[n], bool(out >> n & 1)) for n, o in enumerate(ready.options)),
        reasons=tuple(push.reason for push in pushes),
        pattern=_pattern(ready, live, choice),
        needs=_needs(ready, live, choice),
        rows=_rows(ready, live),
        clashes=tuple(key for key, tests in ready.clashes if all(fits(when, live) for when in tests)),
        missing=tuple(qid for qid in visible if qid not in live),
        quantities=ready.numbers(live),
        live=live,
        book=book,
    )


def choose(book: Book, answers: Answers) -> tuple[str, int]:
    """(choice, margin) alone: what a search over many sets of answers needs."""
    ready = plan(book)
    live = ready.visible(answers)[1]
    points, out = tally(ready, tuple(ready.effects(live)))
    return conclude(ready, points, out, beyond(ready, live))


def tally(ready: Plan, pushes: Sequence[Push]) -> tuple[list[int], int]:
    """(points of each option, those ruled out as bits)."""
    points = [0] * len(ready.options)
    out = 0
    for push in pushes:
        if push.points:
            points[push.option] += push.points
        else:
            out |= 1 << push.option
    return points, out


def beyond(ready: Plan, live: Answers) -> str | None:
    """What lies outside our scope and is the honest answer here; the first that holds."""
    return next((key for key, when in ready.outside if fits_wholly(when, live)), None)


def conclude(ready: Plan, points: Sequence[int], out: int, outside: str | None) -> tuple[str, int]:
    """(choice, margin) from points, options ruled out and what lies outside."""
    if outside is not None:
        return outside, 0
    left = sorted((-points[n], n) for n in range(len(points)) if not out >> n & 1)
    if not left:
        return ready.last_resort, 0
    if len(left) == 1:  # what remains when the other is ruled out is decided, whatever its points
        return ready.options[left[0][1]], max(DECIDED, -left[0][0])
    margin = left[1][0] - left[0][0]
    return (ready.options[left[0][1]] if margin else LEVEL), margin


def pattern(book: Book, answers: Answers, choice: str) -> str | None:
    """The shape that a choice takes with these answers; None where there is none to draw."""
    ready = plan(book)
    return _pattern(ready, ready.visible(answers)[1], choice)


def needs(book: Book, answers: Answers, choice: str) -> tuple[str, ...]:
    """What must be built or set when `choice` is taken, recommended or not."""
    ready = plan(book)
    return _needs(ready, ready.visible(answers)[1], choice)


def changed(book: Book, answers: Answers, qid: str, aid: str) -> dict[str, tuple[str, ...]]:
    """These answers with one more said: it replaces the old answer, or joins it where several may be chosen."""
    question = book.questions[qid]
    apart = aid == UNKNOWN or question.answers[aid].alone
    if not question.multiple or apart:
        return {**answers, qid: (aid,)}
    old = (a for a in answers.get(qid, ()) if a != UNKNOWN and a in question.answers and not question.answers[a].alone)
    return {**answers, qid: (*(a for a in old if a != aid), aid)}


def could_turn(book: Book, live: Answers, qid: str) -> bool:
    """Whether one answer to this question, and nothing else, changes the choice."""
    now = choose(book, live)[0]
    answers = book.questions[qid].answers
    return any(choose(book, {**live, qid: (aid,)})[0] != now for aid in answers)


def _pattern(ready: Plan, live: Answers, choice: str) -> str | None:
    return next((key for key, rule in ready.patterns.get(choice, ()) if rule.holds(live)), None)


def client(book: Book, answers: Answers, option: str) -> str | None:
    """What reads the stream, if `option` is taken with these answers; None where there is no design to draw."""
    shape = pattern(book, answers, option)
    return book.patterns[shape].client if shape else None


def _rows(ready: Plan, live: Answers) -> tuple[str, ...]:
    shapes = [_pattern(ready, live, option) for option in ready.options]
    readers = {ready.book.patterns[shape].client for shape in shapes if shape}
    return tuple(
        key
        for key, always, when in ready.rows
        if (always or (when and fits(when, live)))
        and (not ready.book.rows[key].readers or readers & set(ready.book.rows[key].readers))
    )


def _needs(ready: Plan, live: Answers, choice: str) -> tuple[str, ...]:
    shape = _pattern(ready, live, choice)
    client = ready.book.patterns[shape].client if shape else None
    return tuple(
        key
        for key, rule in ready.needs
        if rule.option in (None, choice) and (not rule.clients or client in rule.clients) and rule.holds(live)
    )
