"""Precomputes a Book for fast decisions: conditions as sets, effects as points.

Knows nothing that the Book does not say; `guide.decision.engine` decides with it. Built once a Book.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from guide.book import Book
from guide.decision.path import TIMED, flags
from guide.model import UNKNOWN, Answers, Condition, Effect, Force, Need

POINTS: Mapping[Force, int] = {Force.WEAKENS: -1, Force.FAVOURS: 1, Force.STRONGLY_FAVOURS: 3}
"""What a force weighs. `rules-out` has no points: it removes the option."""

Test = tuple[tuple[str, frozenset[str]], ...]
"""A condition: question id and the answers that satisfy it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """An effect that applied to you."""

    question: str
    answer: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class Push:
    """An effect as arithmetic."""

    test: Test
    unless: Test
    option: int
    points: int
    """0 where the force rules out."""
    reason: Reason


@dataclass(frozen=True, slots=True)
class Rule:
    """When a pattern or a need applies."""

    when: Test
    unless: Test
    when_any: Test = ()
    option: str | None = None
    clients: frozenset[str] = frozenset()

    def holds(self, answers: Answers) -> bool:
        return (
            fits(self.when, answers)
            and not meets(self.unless, answers)
            and (not self.when_any or meets(self.when_any, answers))
        )


def compiled(condition: Condition) -> Test:
    return tuple((qid, frozenset(allowed)) for qid, allowed in condition.items())


def fits(condition: Test, answers: Answers) -> bool:
    """Whether every question named has an allowed answer."""
    for qid, allowed in condition:  # noqa: SIM110 - a generator would cost twice as much, a hundred times a verdict
        if allowed.isdisjoint(answers.get(qid, ())):
            return False
    return True


def meets(condition: Test, answers: Answers) -> bool:
    """Whether any question named has an allowed answer."""
    for qid, allowed in condition:  # noqa: SIM110 - as above
        if not allowed.isdisjoint(answers.get(qid, ())):
            return True
    return False


def fits_wholly(condition: Test, answers: Answers) -> bool:
    """Whether every answer chosen is an allowed one: what lies outside must not swallow a client that is inside."""
    return all(answers.get(qid) and allowed.issuperset(answers[qid]) for qid, allowed in condition)


def refutes(condition: Test, answers: Answers) -> bool:
    """Whether the answers given already speak against it; an open question does not."""
    return any(qid in answers and allowed.isdisjoint(answers[qid]) for qid, allowed in condition)


@dataclass(eq=False)
class Plan:
    book: Book
    options: tuple[str, ...]
    asked: tuple[tuple[str, Test], ...]
    """Questions that are put to people, in order, and when."""
    pushes: Mapping[tuple[str, str], tuple[Push, ...]]
    outside: tuple[tuple[str, Test], ...]
    last_resort: str
    patterns: Mapping[str, tuple[tuple[str, Rule], ...]]
    needs: tuple[tuple[str, Rule], ...]
    rows: tuple[tuple[str, bool, Test], ...]
    clashes: tuple[tuple[str, tuple[Test, ...]], ...]
    quantities: Mapping[tuple[str, str], tuple[tuple[str, float], ...]]
    figures: Mapping[str, tuple[Mapping[str, float], ...]]
    """Questions that give a figure which a limit in the path may meet, and the figures they can give."""
    derived: str | None
    """The question whose answers follow from the path; None where the book has none."""
    path: str | None
    """The question that asks what stands in the path."""
    _flags: dict[tuple[tuple[str, ...], tuple[tuple[str, float], ...]], tuple[str, ...]] = field(default_factory=dict)

    def numbers(self, live: Answers) -> dict[str, float]:
        """What the answers stand for in numbers; where several give one, the largest counts."""
        out: dict[str, float] = {}
        for qid, chosen in live.items():
            for aid in chosen:
                for name, value in self.quantities.get((qid, aid), ()):
                    if value > out.get(name, 0):
                        out[name] = value
        return out

    def visible(self, answers: Answers) -> tuple[list[str], dict[str, tuple[str, ...]]]:
        """(questions that these answers leave to ask, in order; the answers to them and what follows from these).

        A question behind an unanswered one is still to come; one behind an answer that speaks against it is not asked,
        and nothing that depends on it holds.
        """
        order: list[str] = []
        live: dict[str, tuple[str, ...]] = {}
        gone: list[str] = []
        for qid, condition in self.asked:
            if condition and refutes(condition, live):
                live[qid] = ()
                gone.append(qid)
                continue
            order.append(qid)
            given = answers.get(qid)
            if given:
                live[qid] = given
        for qid in gone:
            del live[qid]
        if self.derived and self.path in live:
            live[self.derived] = self.flags(live[self.path], self.numbers(live))
        return order, live

    def flags(self, path: tuple[str, ...], numbers: Mapping[str, float]) -> tuple[str, ...]:
        """The derived answers that a path gives with these figures; `unknown` for an unknown path."""
        if UNKNOWN in path:
            return (UNKNOWN,)
        key = (path, tuple(sorted(numbers.items())))
        if key not in self._flags:
            if len(self._flags) > 5000:  # a visitor makes a handful; a proof over the whole space would keep millions
                self._flags.clear()
            self._flags[key] = flags(self.book, path, numbers)
        return self._flags[key]

    def effects(self, live: Answers) -> Iterator[Push]:
        for qid, chosen in live.items():
            for aid in chosen:
                for push in self.pushes.get((qid, aid), ()):
                    if fits(push.test, live) and not meets(push.unless, live):
                        yield push


def _push(options: tuple[str, ...], reason: Reason) -> Push:
    effect = reason.effect
    when, unless = compiled(effect.only_if), compiled(effect.unless)
    return Push(when, unless, options.index(effect.option), POINTS.get(effect.force, 0), reason)


def _rule(need: Need) -> Rule:
    conditions = compiled(need.when), compiled(need.unless), compiled(need.when_any)
    return Rule(*conditions, option=need.option, clients=frozenset(need.clients))


def plan(book: Book) -> Plan:
    """The plan of a book, made once and kept with it, so that both go together."""
    found: Plan | None = book.__dict__.get("_plan")
    if found is None:
        found = book.__dict__["_plan"] = _make(book)
    return found


def _make(book: Book) -> Plan:
    options = tuple(book.options)
    pushes: dict[tuple[str, str], tuple[Push, ...]] = {}
    quantities: dict[tuple[str, str], tuple[tuple[str, float], ...]] = {}
    for qid, question in book.questions.items():
        for aid, answer in question.answers.items():
            if answer.effects:
                pushes[qid, aid] = tuple(_push(options, Reason(qid, aid, effect)) for effect in answer.effects)
            if answer.quantities:
                quantities[qid, aid] = tuple((name, quantity.value) for name, quantity in answer.quantities.items())
    timed = {trouble.value for trouble in TIMED}
    figures: dict[str, tuple[Mapping[str, float], ...]] = {}
    for qid, question in book.questions.items():
        given = [{n: q.value for n, q in a.quantities.items() if n in timed} for a in question.answers.values()]
        if any(given):
            figures[qid] = ({}, *given)
    shapes = {p.option: tuple((k, Rule(compiled(q.when), compiled(q.unless))) for k, q in book.patterns.items()
                              if q.option == p.option) for p in book.patterns.values()}  # fmt: skip
    return Plan(
        book=book,
        options=options,
        asked=tuple((qid, compiled(q.only_if)) for qid, q in book.questions.items() if not q.derived),
        pushes=pushes,
        outside=tuple((key, compiled(o.when)) for key, o in book.outside.items() if o.when),
        last_resort=next(key for key, o in book.outside.items() if o.when_none_left),
        patterns=shapes,
        needs=tuple((key, _rule(need)) for key, need in book.needs.items()),
        rows=tuple((key, row.always, compiled(row.when)) for key, row in book.rows.items()),
        clashes=tuple((key, tuple(map(compiled, clash.when))) for key, clash in book.clashes.items()),
        quantities=quantities,
        figures=figures,
        derived=next((qid for qid, q in book.questions.items() if q.derived), None),
        path=next((qid for qid, q in book.questions.items() if q.places), None),
    )
