"""Computes how far unanswered questions can still change the choice, as intervals of points.

    a condition --today's answers--> surely holds | surely fails | open
    a question  --its open effects--> least and most that it can add to an option's lead

An answer that is given may count no more: a question asked on account of an earlier one vanishes when that one is
answered otherwise. So 'settled' is more than 'no question is left that could turn it'.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from guide.book import Book
from guide.decision.plan import Plan, plan
from guide.model import UNKNOWN, Answers, Condition, Effect, Force


@dataclass(frozen=True)
class Bounds:
    """Today's answers, and how far the others can take them. `sure` holds what no further answer can take away."""

    book: Book
    live: Answers
    points: Mapping[Force, int]
    sure: Answers
    """Answers to questions that will be asked whatever else is said; () for those that surely will not be asked."""
    derived: tuple[str, ...]
    """Derived answers that some completion of today's answers may give."""

    def state(self, condition: Condition, wholly: bool = False) -> bool | None:
        """Whether it surely holds, surely fails, or None: open. `wholly`: every answer must be an allowed one."""
        open_ = False
        for qid, allowed in condition.items():
            if qid not in self.sure:
                open_ = True
                continue
            fitting = [aid in allowed for aid in self.sure[qid]]
            if not fitting or not (all(fitting) if wholly else any(fitting)):
                return False
        return None if open_ else True

    def met(self, condition: Condition) -> bool | None:
        """Whether any question named surely has an allowed answer, surely none has, or None: open."""
        states = [self.state({qid: allowed}) for qid, allowed in condition.items()]
        return True if True in states else None if None in states else False

    def effects(self, qid: str, answer: str) -> Iterator[tuple[Effect, bool]]:
        """Effects of an answer that may apply, each with whether it surely does, given the answer."""
        found = self.book.questions[qid].answers.get(answer)
        for effect in found.effects if found else ():
            state, taken_back = self.state(effect.only_if), self.met(effect.unless)
            if state is not False and taken_back is not True:
                yield effect, state is True and taken_back is False

    def moves(self, qid: str) -> bool:
        """Whether an answer to this question can move the choice or its margin."""
        ready = plan(self.book)
        if ready.derived and (qid == ready.path or (qid in ready.figures and ready.derived not in self.sure)):
            return self.moves(ready.derived)
        answers = self._answers(qid)
        outside = any(qid in o.when and self.state(o.when, True) is not False for o in self.book.outside.values())
        return outside or any(True for aid in answers for _ in self.effects(qid, aid))

    def lead(self, option: str, rival: str) -> tuple[int, int]:
        """Least and most points by which one option can be ahead of another."""
        signs = {option: 1, rival: -1}
        spans = [self._span(qid, signs) for qid in self.book.questions]
        return sum(low for low, _ in spans), sum(high for _, high in spans)

    def out(self, option: str) -> bool | None:
        """Whether it surely is ruled out, surely is not, or None: open."""
        open_ = False
        for qid in self.book.questions:
            given = self.sure.get(qid, self.live.get(qid))
            for aid in self._answers(qid) if given is None else given:
                for effect, surely in self.effects(qid, aid):
                    if effect.option == option and effect.force is Force.RULES_OUT:
                        if surely and qid in self.sure:
                            return True
                        open_ = True
        return None if open_ else False

    def _span(self, qid: str, signs: Mapping[str, int]) -> tuple[int, int]:
        given = self.sure.get(qid, self.live.get(qid))
        if given is not None:
            spans = [self._answer(qid, aid, signs) for aid in given]
            low, high = sum(low for low, _ in spans), sum(high for _, high in spans)
            return (low, high) if qid in self.sure else (min(0, low), max(0, high))
        spans = [self._answer(qid, aid, signs) for aid in self._answers(qid)]
        if self.book.questions[qid].multiple:
            return sum(min(0, low) for low, _ in spans), sum(max(0, high) for _, high in spans)
        return min(0, *(low for low, _ in spans)), max(0, *(high for _, high in spans))

    def _answers(self, qid: str) -> tuple[str, ...]:
        """What may be answered, or may follow, where nothing is given."""
        question = self.book.questions[qid]
        return self.derived if question.derived else tuple(question.answers)

    def _answer(self, qid: str, answer: str, signs: Mapping[str, int]) -> tuple[int, int]:
        low = high = 0
        for effect, surely in self.effects(qid, answer):
            worth = self.points.get(effect.force, 0) * signs.get(effect.option, 0)
            low += worth if surely else min(0, worth)
            high += worth if surely else max(0, worth)
        return low, high


def bounds(book: Book, live: Answers, points: Mapping[Force, int]) -> Bounds:
    """From the answers to questions that are asked, and what a force weighs."""
    sure: dict[str, tuple[str, ...]] = {}
    ready = plan(book)
    found = Bounds(book, live, points, sure, _derivable(ready, live))
    for qid, question in book.questions.items():  # a condition names earlier questions only, so one pass will do
        if question.derived:
            if all(q in sure for q in (ready.path, *ready.figures) if q):
                sure[qid] = live.get(qid, ())
            continue
        asked = found.state(question.only_if)
        if asked is False:
            sure[qid] = ()
        elif asked and qid in live:
            sure[qid] = live[qid]
    return found


def _derivable(ready: Plan, live: Answers) -> tuple[str, ...]:
    """Derived answers that may follow once the missing answers are given; all of them while the path is not known.

    A given figure may still vanish with its question, so it is taken both ways.
    """
    if not ready.derived:
        return ()
    path = live.get(ready.path or "", ())
    if not path:
        return (*ready.book.questions[ready.derived].answers, UNKNOWN)
    out: set[str] = set()
    for figures in product(*(ready.figures[q] if q not in live else _given(ready, q, live) for q in ready.figures)):
        out.update(ready.flags(path, {name: value for figure in figures for name, value in figure.items()}))
    return tuple(out)


def _given(ready: Plan, qid: str, live: Answers) -> tuple[Mapping[str, float], ...]:
    return {}, ready.numbers({qid: live[qid]})


def settled(found: Bounds, choice: str) -> bool:
    """Whether no answer to the missing questions, alone or together, changes the choice."""
    for key, outside in found.book.outside.items():
        state = found.state(outside.when, wholly=True) if outside.when else False
        if state is not False:
            return state is True and key == choice
    out = {option: found.out(option) for option in found.book.options}
    if all(out.values()):
        return True
    if choice not in out:  # level
        pairs = [(one, other) for one in out for other in out if one != other]
        return not any(gone is not False for gone in out.values()) and all(found.lead(*p) == (0, 0) for p in pairs)
    rivals = [option for option, gone in out.items() if option != choice and gone is not True]
    return out[choice] is False and all(found.lead(choice, rival)[0] > 0 for rival in rivals)
