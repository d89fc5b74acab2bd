"""Proves the laws over every combination of answers, not a sample. Pure; takes about a second for our book.

The combinations are far too many to try one by one, so they are factored. Two questions are *tied* when a condition of
something that reaches the choice names both; tied questions form a component. Components cannot see each other: what
one of them adds to the points, rules out or puts outside is the same whatever the others say. So each component is
enumerated by itself, folded into the few distinct *contributions* that it can make, and these are added up.

What stands in the path reaches the choice only through derived answers. Things in the path that derive the same are one
to the choice, and a path is the union of its parts: the unions that can arise are enumerated instead of the paths.

Each contribution keeps the smallest set of answers that makes it, so that a broken law is shown by the smallest pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product

from guide.book import Book
from guide.decision.engine import LEVEL, conclude, tally
from guide.decision.plan import Plan, Push, fits_wholly, plan
from guide.model import UNKNOWN, Law

Given = dict[str, tuple[str, ...]]
Value = tuple[tuple[str, ...], int]
"""One way to answer a question, and how many ways it stands for. () for not answered."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a component contributes to a verdict."""

    points: tuple[int, ...]
    """Of each option, less those of the option that has fewest: only differences matter."""
    out: int
    outside: int
    """Entries outside our scope whose condition holds, as bits."""
    reasoned: bool
    """Whether anything was weighed."""

    def __add__(self, other: Part) -> Part:
        points = _level([a + b for a, b in zip(self.points, other.points, strict=True)])
        return Part(points, self.out | other.out, self.outside | other.outside, self.reasoned or other.reasoned)


@dataclass(slots=True)
class Seen:
    """How a part can come about."""

    witness: Given
    """The smallest answers that make it."""
    ways: int
    """How many sets of answers make it, where each asked question is answered; 0 if none does."""


Parts = dict[Part, Seen]


@dataclass(frozen=True, slots=True)
class Broken:
    """A law, and the smallest pair of answer sets that breaks it."""

    law: Law
    before: Given
    after: Given
    said: str
    says: str

    def __str__(self) -> str:
        return (
            f"{self.law.sentence} Broken: {_told(self.before)} gives {self.said}, {_told(self.after)} gives {self.says}"
        )


@dataclass(frozen=True)
class Proof:
    """What holds over the whole space."""

    combinations: int
    """Complete sets of answers to the questions that reach the choice; the path has at most one thing a stretch."""
    choices: Mapping[str, int]
    """Of these, how many lead to each choice."""
    unreasoned: tuple[Given, ...]
    """Smallest answers to a verdict for one option without a reason."""
    broken: tuple[Broken, ...]
    silent: tuple[str, ...]
    """Effects that never apply, as `question.answer.number`."""

    def share(self, choice: str) -> float:
        return self.choices.get(choice, 0) / self.combinations if self.combinations else 0.0


def prove(book: Book) -> Proof:
    """Every claim about every combination of answers, checked."""
    ready = plan(book)
    space = _Space(ready)
    groups = [space.parts(component) for component in space.components]
    everything = _sum(groups, ready)
    choices: dict[str, int] = {}
    unreasoned = []
    for part, seen in everything.items():
        choice = space.choice(part)
        choices[choice] = choices.get(choice, 0) + seen.ways
        if choice in book.options and not part.reasoned:
            unreasoned.append(seen.witness)
    broken = [b for law in book.laws.values() if (b := space.breaks(law, groups)) is not None]
    fired = {id(push) for push in space.fired}
    silent = [
        f"{qid}.{aid}.{n}"
        for (qid, aid), pushes in ready.pushes.items()
        for n, push in enumerate(pushes)
        if id(push) not in fired
    ]
    return Proof(sum(choices.values()), choices, tuple(unreasoned), tuple(broken), tuple(silent))


class _Space:
    """The questions that reach the choice, tied into components."""

    def __init__(self, ready: Plan) -> None:
        self.ready = ready
        self.fired: list[Push] = []
        self._unions = _Unions(ready)
        self.components = self._tie()
        self._values = {qid: self._ways(qid) for component in self.components for qid in component}

    def choice(self, part: Part) -> str:
        first = next((key for n, (key, _) in enumerate(self.ready.outside) if part.outside >> n & 1), None)
        return conclude(self.ready, part.points, part.out, first)[0]

    def _tie(self) -> list[list[str]]:
        """Components in the order of their first question. Questions that reach no choice are left out."""
        ready, book = self.ready, self.ready.book
        ties: list[set[str]] = []
        for (qid, _), pushes in ready.pushes.items():
            source = {qid} if qid != ready.derived else self._unions.sources
            ties += [source | {q for q, _ in (*push.test, *push.unless)} for push in pushes]
        ties += [{q for q, _ in when} for _, when in ready.outside]
        reach = set().union(*ties)
        while grown := {q for qid in reach for q in book.questions[qid].only_if} - reach:
            reach |= grown
        ties += [{qid, *book.questions[qid].only_if} for qid in reach]
        if (
            ready.path
            in {q for tie in ties for q in tie if ready.derived and q != ready.derived} - self._unions.sources
        ):
            raise AssertionError("the path reaches the choice other than by derived answers")
        groups: list[set[str]] = []
        for tie in ties:
            joined = [group for group in groups if group & tie]
            groups = [group for group in groups if group not in joined] + [tie.union(*joined)]
        order = list(book.questions)
        return sorted((sorted(g - {ready.derived}, key=order.index) for g in groups), key=lambda g: order.index(g[0]))

    def _ways(self, qid: str) -> list[Value]:
        """Every way to answer a question, not at all among them."""
        question = self.ready.book.questions[qid]
        if question.places:
            return self._unions.values()
        several = [
            chosen
            for n in range(1, (len(question.answers) if question.multiple else 1) + 1)
            for chosen in combinations(question.answers, n)
            if len(chosen) == 1 or not any(question.answers[a].alone for a in chosen)
        ]
        return [((), 1), *((chosen, 1) for chosen in several), ((UNKNOWN,), 1)]

    def assignments(self, component: list[str]) -> Iterator[tuple[Given, int]]:
        for values in product(*(self._values[qid] for qid in component)):
            ways = 1
            for _, times in values:
                ways *= times
            yield {qid: chosen for qid, (chosen, _) in zip(component, values, strict=True) if chosen}, ways

    def part(self, answers: Given) -> Part:
        """What these answers contribute."""
        live = self.ready.visible(answers)[1]
        pushes = tuple(self.ready.effects(live))
        self.fired += pushes
        points, out = tally(self.ready, pushes)
        outside = sum(1 << n for n, (_, when) in enumerate(self.ready.outside) if fits_wholly(when, live))
        return Part(_level(points), out, outside, bool(pushes))

    def parts(self, component: list[str]) -> Parts:
        out: Parts = {}
        for answers, ways in self.assignments(component):
            visible = [qid for qid in self.ready.visible(answers)[0] if qid in component]
            complete = set(visible) == set(answers)
            _note(out, self.part(answers), answers, ways if complete else 0)
        unique = {id(push): push for push in self.fired}
        self.fired = list(unique.values())
        return out

    def breaks(self, law: Law, groups: list[Parts]) -> Broken | None:
        """The smallest pair that breaks a law; None where it holds everywhere."""
        home = next((n for n, c in enumerate(self.components) if law.question in c), None)
        if home is None:  # the question reaches no choice at all
            return None
        rest = _sum([parts for n, parts in enumerate(groups) if n != home], self.ready)
        steps: dict[tuple[Part, Part], tuple[Given, Given]] = {}
        for answers, _ in self.assignments(self.components[home]):
            if answers.get(law.question) not in {(aid,) for aid in law.chain[:-1]}:
                continue
            following = law.chain[law.chain.index(answers[law.question][0]) + 1]
            after = {**answers, law.question: (following,)}
            pair = self.part(answers), self.part(after)
            if pair[0] != pair[1] and (pair not in steps or len(answers) < len(steps[pair][0])):
                steps[pair] = answers, after
        best: Broken | None = None
        for (before, after_part), (first, second) in steps.items():
            for other, seen in rest.items():
                said, says = self.choice(before + other), self.choice(after_part + other)
                if _rank(says, law.never_towards) > _rank(said, law.never_towards):
                    found = Broken(law, {**first, **seen.witness}, {**second, **seen.witness}, said, says)
                    if best is None or len(found.before) < len(best.before):
                        best = found
        return best


class _Unions:
    """What stands in the path, seen through the derived answers that reach the choice."""

    def __init__(self, ready: Plan) -> None:
        self.ready = ready
        self.sources: set[str] = set()
        if not ready.derived or not ready.path:
            return
        telling = {aid for (qid, aid) in ready.pushes if qid == ready.derived}
        conditions = ((*push.test, *push.unless) for pushes in ready.pushes.values() for push in pushes)
        telling |= {aid for when in conditions for qid, allowed in when if qid == ready.derived for aid in allowed}
        self._bits = {aid: n for n, aid in enumerate(sorted(telling))}
        self._figures = [dict(kv for f in fs for kv in f.items()) for fs in product(*ready.figures.values())]
        question = ready.book.questions[ready.path]
        self._of = {aid: self._signature((aid,)) for aid in question.answers}
        matter = [qid for n, qid in enumerate(ready.figures) if self._matters(n)]
        self.sources = {ready.path, *matter}

    def _signature(self, path: tuple[str, ...]) -> int:
        """The telling derived answers of a path for every combination of figures, as one number."""
        out = 0
        for n, numbers in enumerate(self._figures):
            for aid in self.ready.flags(path, numbers):
                if aid in self._bits:
                    out |= 1 << n * len(self._bits) + self._bits[aid]
        return out

    def _matters(self, place: int) -> bool:
        """Whether one of the figures, and nothing else, changes what some part of the path derives."""
        choices = list(product(*(range(len(f)) for f in self.ready.figures.values())))
        mask = (1 << len(self._bits)) - 1
        rows: dict[tuple[int, ...], set[tuple[int, ...]]] = {}
        for n, combo in enumerate(choices):
            row = tuple(sig >> n * len(self._bits) & mask for sig in self._of.values())
            rows.setdefault(combo[:place] + combo[place + 1 :], set()).add(row)
        return any(len(found) > 1 for found in rows.values())

    def values(self) -> list[Value]:
        """One path for each union that can arise, the shortest first; counted with at most one thing a stretch."""
        question = self.ready.book.questions[self.ready.path or ""]
        apart = [aid for aid, answer in question.answers.items() if not answer.place]
        shortest: dict[int, tuple[str, ...]] = {}
        frontier: dict[int, tuple[str, ...]] = {}
        for aid, answer in question.answers.items():
            if answer.place:
                frontier.setdefault(self._of[aid], (aid,))
        single = dict(frontier)
        while frontier:
            shortest.update(frontier)
            grown: dict[int, tuple[str, ...]] = {}
            for sig, path in frontier.items():
                for more, (aid,) in single.items():
                    if sig | more not in shortest:
                        grown.setdefault(sig | more, (*path, aid))
            frontier = grown
        counts = self._counts()
        out: list[Value] = [((), 1), ((UNKNOWN,), 1), *(((aid,), 1) for aid in apart)]
        return out + [(path, counts.get(sig, 0)) for sig, path in shortest.items()]

    def _counts(self) -> dict[int, int]:
        question = self.ready.book.questions[self.ready.path or ""]
        counts: dict[int, int] = {0: 1}
        for place in question.places:
            tiers = [self._of[aid] for aid, answer in question.answers.items() if answer.place == place]
            grown = dict(counts)
            for sig, times in counts.items():
                for more in tiers:
                    grown[sig | more] = grown.get(sig | more, 0) + times
            counts = grown
        counts[0] -= 1  # nothing at any stretch is no answer
        return counts


def _sum(groups: Iterable[Parts], ready: Plan) -> Parts:
    out: Parts = {Part((0,) * len(ready.options), 0, 0, False): Seen({}, 1)}
    for parts in groups:
        grown: Parts = {}
        for one, first in out.items():
            for other, second in parts.items():
                _note(grown, one + other, {**first.witness, **second.witness}, first.ways * second.ways)
        out = grown
    return out


def _note(parts: Parts, part: Part, witness: Given, ways: int) -> None:
    seen = parts.get(part)
    if seen is None:
        parts[part] = Seen(witness, ways)
        return
    seen.ways += ways
    if len(witness) < len(seen.witness):
        seen.witness = witness


def _level(points: list[int]) -> tuple[int, ...]:
    least = min(points)
    return tuple(p - least for p in points)


def _rank(choice: str, option: str) -> int:
    """How near a choice is to an option: it, level, anything else."""
    return 2 if choice == option else 1 if choice == LEVEL else 0


def _told(answers: Given) -> str:
    return ", ".join(f"{qid}={'+'.join(chosen)}" for qid, chosen in answers.items()) or "no answer"
