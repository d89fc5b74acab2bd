"""Builds the record's appendix: all answers, every need in full, the path, the comparison, code to start from, sources.

To add a part, write a function that returns a Section and put it into PARTS.
"""

from __future__ import annotations

from collections.abc import Callable

from guide.record import path_section as route
from guide.record.document import Items, Line, Link, Mark, Paragraph, Section, Table, clean, line, prose, strong
from guide.report.report import Cited, Report, ReportNeed

APPENDIX = "Appendix"
ANSWERS = "All Answers"
NEEDS = "What to Build, in Full"
COMPARISON = "Pros and Cons of the Options"
SOURCES = "Sources"


def appendix(report: Report) -> Section:
    """What a review need not read; it begins a page of its own."""
    parts = (part(report) for part in PARTS)
    return Section(APPENDIX, (), tuple(part for part in parts if part.blocks or part.parts), new_page=True)


def short_sources(report: Report, numbers: tuple[int, ...]) -> Section:
    """Of all sources those of these numbers, in this order; without their claims, which stand in the text."""
    by_number = {cited.number: cited for cited in report.sources}
    items = tuple(map(_short_source, (by_number[n] for n in numbers)))
    return Section(SOURCES, (Items(items, "sources"),) if items else ())


def _short_source(cited: Cited) -> Line:
    """The first source of a fact, how many more there are, and when it was checked."""
    first, *more = cited.fact.source
    also = f" and {len(more)} more" if more else ""
    return line(_source(first.title, first.url), f"{also}, {cited.fact.basis}, checked {cited.fact.checked}.")


def _answers(report: Report) -> Section:
    rows = tuple((line(a.ask), line("; ".join(a.texts) or "not answered")) for a in report.answers)
    lead = line("These are the facts about our system on which the decision rests.")
    return Section(ANSWERS, (Paragraph(lead), Table(("Question", "Our answer"), rows)))


def _needs(report: Report) -> Section:
    return Section(NEEDS, (Items(tuple(map(_need, report.needs))),) if report.needs else ())


def _need(need: ReportNeed) -> Line:
    return line(
        strong(f"{need.title}."), " ", prose(need.what), _marks(need.cited), " ", prose(f"Check: {need.confirm}")
    )


def _comparison(report: Report) -> Section:
    rows = tuple((line(r.title, _marks(r.cited)), *(prose(cell) for cell in r.cells)) for r in report.rows)
    return Section(COMPARISON, (Table(("", *report.designs), rows),) if rows else ())


def _starter(report: Report) -> Section:
    return route.starter(report) if report.projects else Section(route.STARTER)


def _sources(report: Report) -> Section:
    items = tuple((*line(prose(c.fact.claim), " "), *_links(c), *line(_basis(c))) for c in report.sources)
    return Section(SOURCES, (Items(items, "sources"),) if items else ())


PARTS: tuple[Callable[[Report], Section], ...] = (_answers, _needs, route.path, _comparison, _starter, _sources)
"""The appendix, in order."""


def _links(cited: Cited) -> Line:
    parts: list[Link | str] = []
    for source in cited.fact.source:
        parts += ["; "] if parts else []
        parts.append(_source(source.title, source.url))
    return line(*parts)


def _basis(cited: Cited) -> str:
    basis = cited.fact.basis
    return f". {basis[:1].upper()}{basis[1:]}, checked {cited.fact.checked}."


def _source(title: str, url: str) -> Link | str:
    """A link, or for what stands in this project its path."""
    return Link(clean(title), url) if url.startswith("https://") else f"{title} ({url})"


def _marks(cited: tuple[Cited, ...]) -> tuple[Mark, ...]:
    return tuple(Mark(c.number) for c in cited)
