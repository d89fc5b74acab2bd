"""Selects the recommended configurations for the proxies in the path, with their measured results. Runs no proxy.

The files are those that the demos run; what came of it stands beside them in `expected.yaml`, and tests hold it true.
"""

from __future__ import annotations

from dataclasses import dataclass

from guide.book import Book
from guide.book.config_template import shown
from guide.decision.path import places
from guide.model import UNKNOWN, Answers, ProxyOutcome

ELSEWHERE = ("edge", "balancer")
"""Stretches of the path in which nothing runs on a machine of one's own."""


@dataclass(frozen=True)
class ReportConfig:
    """One configuration to take away."""

    id: str
    title: str
    files: tuple[tuple[str, str], ...]
    """Name and text; a second one where the first is nothing without it."""
    ran: str
    """With which versions, and what came of it: a sentence or two."""


def named(book: Book, answers: Answers) -> tuple[str, ...]:
    """Ids of the proxies in the path that have a configuration, in the order of the book."""
    path = _path(book, answers)
    return () if UNKNOWN in path else tuple(id for id in book.configs if id in path and id in book.proxies)


def hosted(book: Book, answers: Answers) -> tuple[str, ...]:
    """What somebody else runs in the path, by its name: what it does is seen on the real path alone."""
    question = places(book)
    tiers = [question.answers[id] for id in _path(book, answers) if id in question.answers] if question else []
    return tuple(one.text for one in tiers if one.place in ELSEWHERE or one.place == "hosting" and one.limits)


def _path(book: Book, answers: Answers) -> tuple[str, ...]:
    question = places(book)
    key = next((qid for qid, q in book.questions.items() if q is question), None)
    return answers.get(key, ()) if key else ()


def in_path(book: Book, answers: Answers) -> tuple[ReportConfig, ...]:
    """One for each of `named`."""
    question = places(book)
    if question is None:
        return ()
    titles = {id: question.answers[id].text for id in named(book, answers)}
    return tuple(_config(book, id, title) for id, title in titles.items())


def _config(book: Book, id: str, title: str) -> ReportConfig:
    files = book.configs[id]
    first = next(name for name in files if name.startswith("recommended."))
    further = (name for name in files if f"{{{{folder}}}}/{name}" in files[first])
    versions = book.proxies[id].versions
    newest = max(versions, key=lambda version: tuple(map(int, version.split("."))))
    found = next(config for name, config in versions[newest].items() if name == "recommended")
    said = {name: outcome_in_words(book, getattr(found, key)) for key, name in _names(book).items()}
    if len({*said.values()}) == 1:
        said = {book.words["proxies.both"]: next(iter(said.values()))}
    became = " ".join(book.words["proxies.became"].format(name=name, told=text) for name, text in said.items())
    and_ = f" {book.words['verdict.and']} "
    ran = book.words["proxies.ran"].format(versions=and_.join(f"{title} {version}" for version in versions))
    return ReportConfig(id, title, tuple((name, shown(files[name])) for name in (first, *further)), f"{ran} {became}")


def _names(book: Book) -> dict[str, str]:
    return {key: option.short for key, option in book.options.items()}


def outcome_in_words(book: Book, outcome: ProxyOutcome) -> str:
    """How a transport fared, as the rest of a sentence."""
    words = book.words
    parts = [words["proxies.opened"] if outcome.opens == "yes" else words["proxies.refused"].format(why=outcome.opens)]
    parts += [
        words[f"proxies.told.{field}"].format(became=value)
        for field, value in outcome.model_dump(exclude={"opens"}).items()
        if value
    ]
    return "; ".join(parts)
