"""Finds one entry of the guide by its id, whatever kind it is, and says it in short."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from guide.agents.replies import Explanation, Part, Source
from guide.book import Book
from guide.model import Answer

APART = ":"
"""Between a kind and an id, where an id has more than one meaning."""


def ids(book: Book) -> tuple[str, ...]:
    """Every id that can be explained."""
    return tuple(dict.fromkeys(id for _, id, _ in _entries(book)))


def explanation(book: Book, id: str) -> Explanation | None:
    """The entry with this id; of several the first: fact, need, symptom, and so on. `kind:id` names one of them."""
    kind, apart, rest = id.partition(APART)
    for each_kind, each, say in _entries(book):
        if (each, each_kind) == (rest, kind) if apart else each == id:
            return say(book, each)
    return None


Say = Callable[[Book, str], Explanation]


def _entries(book: Book) -> Iterator[tuple[str, str, Say]]:
    """(kind, id, what says it), the likeliest meaning of an id first."""
    yield from (("fact", id, _fact) for id in book.facts)
    yield from (("need", id, _need) for id in book.needs)
    yield from (("symptom", id, _symptom) for id in book.symptoms)
    yield from (("folklore", id, _folklore) for id in book.folklore)
    for qid, question in book.questions.items():
        for aid, answer in question.answers.items():
            yield "answer", f"{qid}.{aid}", partial(_answer, "answer", answer)
            if answer.place:
                yield "path", aid, partial(_answer, "path", answer)
                for n, limit in enumerate(answer.limits):
                    alone = answer.model_copy(update={"limits": (limit,)})
                    if limit.setting:
                        yield "setting", f"{aid}.{n}", partial(_answer, "setting", alone)
    yield from (("outside", id, _outside) for id in book.outside)
    yield from (("pattern", id, _pattern) for id in book.patterns)


def _fact(book: Book, id: str) -> Explanation:
    fact = book.facts[id]
    return Explanation(
        kind="fact",
        id=id,
        title=fact.claim,
        says=fact.claim,
        figure=fact.figure,
        holds=fact.scope,
        checked=fact.checked,
        basis=fact.basis,
        parts=(Part(title="measured", says=fact.measured),) if fact.measured else (),
        sources=tuple(Source(title=one.title, url=one.url) for one in fact.source),
    )


def _need(book: Book, id: str) -> Explanation:
    need = book.needs[id]
    confirm = Part(title="to see that it works", says=need.confirm)
    return Explanation(kind="need", id=id, title=need.title, says=need.what, parts=(confirm,), facts=need.facts)


def _symptom(book: Book, id: str) -> Explanation:
    symptom = book.symptoms[id]
    parts = tuple(
        Part(
            title=cause.why,
            says=f"Tell it by: {cause.tell} Cure: {cause.cure}" + (f" Set: {cause.setting}" if cause.setting else ""),
        )
        for cause in symptom.causes
    )
    facts = dict.fromkeys(fact for cause in symptom.causes for fact in cause.facts)
    says = "Causes, the likeliest first:"
    return Explanation(kind="symptom", id=id, title=symptom.seen, says=says, parts=parts, facts=tuple(facts))


def _folklore(book: Book, id: str) -> Explanation:
    lore = book.folklore[id]
    return Explanation(
        kind="folklore",
        id=id,
        title=f"{lore.said} ({lore.verdict})",
        says=lore.truth,
        facts=lore.facts,
        parts=(Part(title="to see it", says=lore.try_it),),
    )


def _answer(kind: str, answer: Answer, book: Book, id: str) -> Explanation:
    effects = [
        Part(title=f"{one.option} {one.force.value}", says=f"{one.because} [{' '.join(one.facts)}]")
        for one in answer.effects
    ]
    limits = [
        Part(
            title=f"{one.trouble.value}{f' after {one.after:g} s' if one.after else ''}",
            says=f"{one.sentence}{f' Set: {one.setting}' if one.setting else ''} [{' '.join(one.facts)}]",
        )
        for one in answer.limits
    ]
    return Explanation(kind=kind, id=id, title=answer.text, says=answer.hint or "", parts=(*effects, *limits))


def _outside(book: Book, id: str) -> Explanation:
    outside = book.outside[id]
    return Explanation(kind="outside", id=id, title=outside.name, says=outside.sentence, facts=outside.facts)


def _pattern(book: Book, id: str) -> Explanation:
    pattern = book.patterns[id]
    parts = tuple(Part(title=f"{lane.way}: {lane.label}", says=lane.detail) for lane in pattern.lanes)
    costs = tuple(Part(title="cost", says=cost.text) for cost in pattern.costs)
    return Explanation(
        kind="pattern", id=id, title=pattern.name, says=pattern.sentence, parts=parts + costs, facts=pattern.facts
    )
