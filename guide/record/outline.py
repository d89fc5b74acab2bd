"""Builds the Document of a record from a Report and a Record, with the titles of MADR 4.

First the two pages that a review reads: the decision, why, the drawing, what to build in order, how to confirm it, when
to revisit it, and what was measured. What is longer stands after it (`guide/record/appendix.py`) and can be left out.
To add a section, write a function that returns one and put it into SECTIONS, or into the parts of another. Every format
then has it. The words of the record stand here and nowhere else (https://adr.github.io/madr/ has the template).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from guide.model import Record
from guide.record import citations
from guide.record import path_section as route
from guide.record.appendix import appendix, short_sources
from guide.record.document import (
    Block,
    Document,
    Figure,
    Items,
    Line,
    Mark,
    Paragraph,
    Section,
    clean,
    line,
    prose,
    strong,
    typed,
)
from guide.record.evidence_section import measured
from guide.report.diagram import svg
from guide.report.report import Cited, Report, ReportNeed, ReportReason

CONTEXT = "Context and Problem Statement"
DRIVERS = "Decision Drivers"
OPTIONS = "Considered Options"
OUTCOME = "Decision Outcome"
CONSEQUENCES = "Consequences"
CONFIRMATION = "Confirmation"
MORE = "More Information"
REVISIT = "When to revisit"
MOST_TURNS = 3
"""How many single answers are named that would turn the decision. The page of the recommendation has all."""
MOST_CHECKS = 7
"""How many checks the two pages have."""
MOST_OPEN = 5
"""How many open questions are named."""


def outline(report: Report, record: Record, short: bool = False) -> Document:
    """The record; `short`: without its appendix, and with the sources that are cited before it only."""
    decision = tuple(_gist(report, record))
    sections = tuple(section(report, record) for section in SECTIONS)
    if short:
        numbers = {old: new for new, old in enumerate(citations.cited(decision, sections), 1)}
        decision = tuple(citations.renumbered_line(said, numbers) for said in decision)
        sections = tuple(citations.renumbered(section, numbers) for section in sections)
        sections = (*sections[:-1], _with_part(sections[-1], short_sources(report, tuple(numbers))))
    else:
        sections = (*sections, appendix(report))
    return Document(
        title=clean(record.title),
        status=record.status,
        date=record.date,
        deciders=clean(record.deciders),
        headline=clean(_chosen(report, record)),
        decision=decision,
        sections=sections,
        colophon=f"Made with Streamwise, rules {report.version} ({report.hash}).",
    )


def _with_part(section: Section, part: Section) -> Section:
    return replace(section, parts=(*section.parts, part)) if part.blocks else section


def _gist(report: Report, record: Record) -> Iterator[Line]:
    if _agrees(report, record):
        yield line(report.sentence, _marks(report.pattern_cited))
    else:
        yield line(f"{_advice(report)} The deciders chose for their own reason: {_stopped(record.reason)}")
    yield line(_strength(report))


def _context(report: Report, record: Record) -> Section:
    asks = f"Which transport carries the output of our agent to its clients: {' or '.join(report.columns)}?"
    return Section(CONTEXT, (*([typed(record.context)] if record.context else []), Paragraph(line(asks))))


def _drivers(report: Report, record: Record) -> Section:
    """One line an answer, with all that follows from it."""
    said: dict[str, list[ReportReason]] = {}
    for reason in (*report.reasons, *report.against):
        said.setdefault(reason.said, []).append(reason)
    items = [_driver(answer, reasons) for answer, reasons in said.items()]
    if report.beyond:
        items.append(line(f"{_capital(report.beyond)}.", _marks(report.pattern_cited)))
    return Section(DRIVERS, (Items(tuple(items or [line("None of the answers supports one transport.")])),))


def _driver(answer: str, reasons: list[ReportReason]) -> Line:
    effects = [f"{r.force.value.replace('-', ' ')} {r.option_name}: {r.because}" for r in reasons]
    cited = tuple(dict.fromkeys(c for reason in reasons for c in reason.cited))
    return line(prose(f"{_capital(answer)}. This {'; and it '.join(effects)}."), _marks(cited))


def _options(report: Report, record: Record) -> Section:
    names = dict.fromkeys([*report.shapes.values(), _chosen(report, record)])
    return Section(OPTIONS, (Items(tuple(line(name) for name in names)),))


def _outcome(report: Report, record: Record) -> Section:
    agrees = _agrees(report, record)
    because = _because(report) if agrees else line(_stopped(record.reason))
    blocks: list[Block] = [Paragraph((*line(f'Chosen option: "{_chosen(report, record)}", because '), *because))]
    if not agrees:
        did = "settled it" if report.verdict.kind == "level" else "chose otherwise"
        blocks.append(Paragraph(line(f"{_advice(report)} {report.sentence} The deciders {did}, for the reason above.")))
    elif record.reason:
        blocks.append(typed(record.reason))
    drawing = svg(report)
    if drawing:
        blocks.append(Figure(drawing, clean(f"The design: {report.pattern_name}"), _lanes(report)))
    parts = [_consequences(report), _confirmation(report)]
    if report.clashes:
        parts.insert(0, route.clashes(report))
    return Section(OUTCOME, tuple(blocks), tuple(parts))


def _consequences(report: Report) -> Section:
    blocks: list[Block] = []
    if report.needs:
        blocks += [Paragraph(line("To build, in this order:")), Items(tuple(map(_need, report.needs)), "todo")]
    if report.costs:
        first = report.costs[0]
        blocks.append(Paragraph(line(prose(f"What it costs: {first.text}"), _marks(first.cited))))
    return Section(CONSEQUENCES, (*blocks, *route.to_set(report)))


def _need(need: ReportNeed) -> Line:
    return line(strong(f"{need.title}."), " ", prose(need.brief))


def _confirmation(report: Report) -> Section:
    """The first checks; all of them stand with their needs in the appendix."""
    checks = Items(tuple(line(prose(need.confirm)) for need in report.needs[:MOST_CHECKS]), "todo")
    left = len(report.needs) - MOST_CHECKS
    more = (Paragraph(line(f"And {left} more, which the long form has.")),) if left > 0 else ()
    return Section(CONFIRMATION, (checks, *more) if report.needs else ())


def _more(report: Report, record: Record) -> Section:
    return Section(MORE, (), (_revisit(report), *map(measured, record.evidence)))


def _revisit(report: Report) -> Section:
    """At most five lines: single answers that would turn it, what is not known, and age."""
    turns: dict[str, str] = {}
    for turn in report.turns:
        if turn.size == 1:
            turns.setdefault(turn.when, turn.becomes_name)  # of one text, the first
    named = list(turns.items())[:MOST_TURNS]
    items = [line(f"If {when}: the guide then says {becomes}.") for when, becomes in named]
    titles = [answer.title for answer in (*report.unknowns, *report.missing)]
    if titles:
        more = f"; and {len(titles) - MOST_OPEN} more" if len(titles) > MOST_OPEN else ""
        items.append(line(f"When more is known of: {'; '.join(titles[:MOST_OPEN])}{more}."))
    items.append(line("When a source below is more than a year old, or the rules have changed."))
    return Section(REVISIT, (Items(tuple(items)),))


SECTIONS: tuple[Callable[[Report, Record], Section], ...] = (_context, _drivers, _options, _outcome, _more)
"""The record before its appendix, in order."""


def _agrees(report: Report, record: Record) -> bool:
    return record.chosen == report.verdict.choice


def _chosen(report: Report, record: Record) -> str:
    """What was chosen, by the name of the shape that it takes with these answers."""
    return report.shapes.get(record.chosen) or report.names.get(record.chosen, record.chosen)


def _because(report: Report) -> Line:
    """What follows 'because' where the deciders follow the guide: the strongest reason, or what leads beyond."""
    if report.beyond:
        return line(f"{report.beyond}.", _marks(report.pattern_cited))
    if not report.reasons:
        return line("the guide recommends it.")
    return line(prose(f"{report.reasons[0].because}."), _marks(report.reasons[0].cited))


def _advice(report: Report) -> str:
    return (
        "The guide called it level." if report.verdict.kind == "level" else f"The guide recommended {report.headline}."
    )


def _strength(report: Report) -> str:
    """How sure the guide is and why, in sentences."""
    return " ".join((report.strength.rstrip(".") + ".", *report.basis))


def _lanes(report: Report) -> tuple[Line, ...]:
    ways = {"up": "Client to endpoint", "down": "Endpoint to client", "both": "Both ways"}
    return tuple(line(f"{ways[lane.way]}: {lane.label} ({lane.detail})") for lane in report.lanes)


def _marks(cited: tuple[Cited, ...]) -> tuple[Mark, ...]:
    return tuple(Mark(c.number) for c in cited)


def _stopped(text: str) -> str:
    """A sentence with its full stop."""
    text = clean(text).strip()
    return text if text.rstrip("\u202c\u2069\"')]»”’").endswith((".", "!", "?", "…", "。")) else f"{text}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
