"""Makes the entries of a search from the book: symptoms, facts, folklore, needs, the path, settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from guide.book import Book
from guide.decision.path import places
from guide.model import Answer, Fact, Symptom

Kind = Literal["symptom", "fact", "folklore", "need", "path", "setting"]
KINDS: tuple[Kind, ...] = get_args(Kind)
WEIGHTS: dict[Kind, float] = {"symptom": 1.6, "fact": 1.0, "folklore": 1.0, "need": 1.1, "path": 1.1, "setting": 0.9}
"""What a kind is worth where two entries match alike: whoever is in trouble wants a cause and a cure first."""


@dataclass(frozen=True)
class Entry:
    """One thing that a search finds."""

    kind: Kind
    id: str
    """Its id in the book; of a setting: ANSWER.NUMBER of the limit that it cures."""
    title: str
    names: tuple[str, ...]
    """Ids, short names and error texts: what is found here is what was meant."""
    text: str
    summary: str
    """One or two sentences to print below the title."""

    @property
    def parts(self) -> tuple[str, str, str]:
        return self.title, " ".join(self.names), self.text

    @property
    def weight(self) -> float:
        return WEIGHTS[self.kind]


def entries(book: Book) -> tuple[Entry, ...]:
    """Everything that can be found, kind by kind."""
    return (*_symptoms(book), *_facts(book), *_folklore(book), *_needs(book), *_path(book))


def _symptoms(book: Book) -> Iterator[Entry]:
    for key, symptom in book.symptoms.items():
        names = (key, *symptom.texts, *symptom.also)
        yield Entry("symptom", key, symptom.seen, names, _causes(symptom), symptom.causes[0].why)


def _causes(symptom: Symptom) -> str:
    return " ".join(f"{each.why} {each.tell} {each.cure} {each.setting or ''}" for each in symptom.causes)


def _facts(book: Book) -> Iterator[Entry]:
    aliases: dict[str, list[str]] = {}
    for _, answer in _tiers(book):
        for fact in {fact for limit in answer.limits for fact in limit.facts}:
            aliases.setdefault(fact, []).extend(answer.aliases)
    for key, claimed in book.facts.items():
        yield Entry(
            "fact", key, claimed.claim, (key, claimed.figure), _fact_text(claimed, aliases.get(key, [])), claimed.figure
        )


def _fact_text(fact: Fact, aliases: list[str]) -> str:
    sources = " ".join(f"{source.title} {source.url}" for source in fact.source)
    return f"{fact.measured or ''} {fact.scope} {sources} {' '.join(aliases)}"


def _folklore(book: Book) -> Iterator[Entry]:
    for key, lore in book.folklore.items():
        yield Entry("folklore", key, lore.said, (key,), f"{lore.heard} {lore.truth} {lore.try_it}", lore.truth)


def _needs(book: Book) -> Iterator[Entry]:
    for key, need in book.needs.items():
        yield Entry("need", key, need.title, (key,), f"{need.what} {need.confirm}", need.what)


def _path(book: Book) -> Iterator[Entry]:
    for key, answer in _tiers(book):
        names = (key, answer.text, *answer.aliases)
        sentences = [limit.sentence for limit in answer.limits]
        yield Entry("path", key, answer.text, names, " ".join((answer.hint or "", *sentences)), " ".join(sentences[:2]))
        for n, limit in enumerate(answer.limits):
            if limit.setting:
                title = f"{answer.text}: {limit.setting}"
                yield Entry("setting", f"{key}.{n}", title, answer.aliases, limit.sentence, limit.sentence)


def _tiers(book: Book) -> list[tuple[str, Answer]]:
    """What may stand in the path."""
    question = places(book)
    return [(key, answer) for key, answer in question.answers.items() if answer.place] if question else []
