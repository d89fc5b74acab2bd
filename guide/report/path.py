"""Describes the path in words: what each part does to a stream, which settings to change, which problems remain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from guide.book import Book
from guide.decision.engine import Verdict
from guide.decision.path import Found, Passage, passage, places
from guide.decision.plan import plan
from guide.model import Trouble

C = TypeVar("C")


@dataclass(frozen=True)
class ReportLimit(Generic[C]):
    """One thing that one tier does."""

    tier: str
    place: str
    """The stretch of the path where it stands."""
    trouble: Trouble
    option: str | None
    """The transport that suffers; None: any."""
    option_name: str
    after: float | None
    """Seconds, for limits on silence and on length."""
    figure: float | None
    """The user's own seconds that were held against it; None: not known, or not a matter of seconds."""
    bites: bool | None
    """Whether it does harm as it comes; None: the user's figure is not known."""
    cured: bool
    setting: str
    sentence: str
    only: str
    """In which cases alone it happens, from 'if' or 'unless' on; empty: always."""
    concerns: bool
    """Whether the transport that the report is about suffers from it."""
    cited: tuple[C, ...]


@dataclass(frozen=True)
class ReportCut(Generic[C]):
    """The first thing that ends a transport's stream as the path comes."""

    option: str
    option_name: str
    silence: ReportLimit[C] | None
    length: ReportLimit[C] | None
    holds: ReportLimit[C] | None
    refuses: ReportLimit[C] | None


@dataclass(frozen=True)
class ReportPath(Generic[C]):
    known: bool
    """False while the path is not answered, or answered with 'not sure'."""
    limits: tuple[ReportLimit[C], ...]
    """In the order in which a request meets them."""
    cuts: tuple[ReportCut[C], ...]
    """One a transport."""
    settings: tuple[ReportLimit[C], ...]
    """What to set for the transport that the report is about, in order."""
    left: tuple[ReportLimit[C], ...]
    """What harms that transport and cannot be cured there."""
    heartbeat: float | None
    """Seconds between heartbeats; None where no silence calls for one."""
    heartbeat_by: str
    """The tier whose limit asks for less than the usual 15 s; empty where none does."""


def cross(book: Book, verdict: Verdict, chosen: str, cite: Callable[[Iterable[str]], tuple[C, ...]]) -> ReportPath[C]:
    """The path of these answers. `chosen`: the transport that settings are for; another id takes all of them."""
    ready = plan(book)
    found = passage(book, tuple(verdict.live.get(ready.path or "", ())), verdict.quantities)
    about = chosen if chosen in book.options else None
    limits = tuple(_limit(book, f, about, cite) for f in found.found)
    told = dict(zip(map(id, found.found), limits, strict=True))
    harmful = [limit for limit in limits if limit.concerns and limit.bites is not False]
    return ReportPath(
        known=found.known,
        limits=limits,
        cuts=tuple(_cut(book, option, found, told) for option in book.options),
        settings=tuple(limit for limit in harmful if limit.cured and limit.setting),
        left=tuple(limit for limit in harmful if not limit.cured),
        heartbeat=found.heartbeat,
        heartbeat_by=told[id(found.limiting)].tier if found.limiting else "",
    )


def _limit(
    book: Book, found: Found, about: str | None, cite: Callable[[Iterable[str]], tuple[C, ...]]
) -> ReportLimit[C]:
    question = places(book)
    assert question is not None, "a limit was found, so the book has places"
    limit = found.limit
    return ReportLimit(
        tier=question.answers[found.tier].text,
        place=question.places[found.place].title,
        trouble=limit.trouble,
        option=limit.option,
        option_name=book.options[limit.option].short if limit.option else "",
        after=limit.after,
        figure=found.figure,
        bites=found.bites,
        cured=found.cured,
        setting=limit.setting or "",
        sentence=limit.sentence,
        only=limit.only or "",
        concerns=about is None or limit.option in (None, about),
        cited=cite(limit.facts),
    )


def _cut(book: Book, option: str, found: Passage, told: dict[int, ReportLimit[C]]) -> ReportCut[C]:
    def first(trouble: Trouble) -> ReportLimit[C] | None:
        hit = found.earliest(option, trouble)
        return told[id(hit)] if hit else None

    return ReportCut(
        option=option,
        option_name=book.options[option].short,
        silence=first(Trouble.SILENCE),
        length=first(Trouble.LENGTH),
        holds=first(Trouble.HOLDS),
        refuses=first(Trouble.UPGRADE),
    )


def duration(words: Mapping[str, str], seconds: float) -> str:
    """A limit as people say it: 15 s, 60 s, 15 min, 4 h."""
    unit, size = ("s", 1) if seconds <= 120 or seconds % 60 else ("min", 60) if seconds < 7200 else ("h", 3600)
    return words[f"duration.{unit}"].format(n=f"{seconds / size:g}")
