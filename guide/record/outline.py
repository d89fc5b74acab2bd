"""Builds the Document of a record from a Report and a Record, in the order and with the titles of MADR 4.

To add a section, write a function that returns one and put it into SECTIONS, or into the parts of another. Every format
then has it. The words of the record stand here and nowhere else (https://adr.github.io/madr/ has the template).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from guide.model import Record
from guide.record import path_section as route
from guide.record.document import (
    Block,
    Document,
    Figure,
    Items,
    Line,
    Link,
    Mark,
    Paragraph,
    Section,
    Table,
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
COMPARISON = "Pros and Cons of the Options"
MORE = "More Information"
REVISIT = "When to revisit"
SOURCES = "Sources"


def outline(report: Report, record: Record) -> Document:
    """The whole record."""
    return Document(
        title=clean(record.title),
        status=record.status,
        date=record.date,
        deciders=clean(record.deciders),
        headline=clean(_chosen(report, record)),
        decision=tuple(_gist(report, record)),
        sections=tuple(section(report, record) for section in SECTIONS),
        colophon=f"Made with Streamwise, rules {report.version} ({report.hash}).",
    )


def _gist(report: Report, record: Record) -> Iterator[Line]:
    if _agrees(report, record):
        yield line(report.sentence, _marks(report.pattern_cited))
    else:
        yield line(f"{_advice(report)} The deciders chose for a reason of their own: {_stopped(record.reason)}")
    yield line(_strength(report))


def _context(report: Report, record: Record) -> Section:
    asks = f"Which transport carries the output of our agent to its clients: {' or '.join(report.columns)}?"
    rows = tuple((line(a.ask), line("; ".join(a.texts) or "not answered")) for a in report.answers)
    return Section(
        CONTEXT,
        (
            *([typed(record.context)] if record.context else []),
            Paragraph(line(f"{asks} These are the facts about our system on which the decision rests.")),
            Table(("Question", "Our answer"), rows),
        ),
    )


def _drivers(report: Report, record: Record) -> Section:
    items = [_driver(reason) for reason in (*report.reasons, *report.against)]
    if report.beyond:
        items.append(line(f"{_capital(report.beyond)}.", _marks(report.pattern_cited)))
    return Section(DRIVERS, (Items(tuple(items or [line("None of the answers speaks for one transport.")])),))


def _driver(reason: ReportReason) -> Line:
    force = reason.force.value.replace("-", " ")
    said = f"{_capital(reason.said)}. This {force} {reason.option_name}: {reason.because}."
    return line(prose(said), _marks(reason.cited))


def _options(report: Report, record: Record) -> Section:
    names = dict.fromkeys([*report.shapes.values(), _chosen(report, record)])
    return Section(OPTIONS, (Items(tuple(line(name) for name in names)),))


def _outcome(report: Report, record: Record) -> Section:
    agrees = _agrees(report, record)
    because = _because(report) if agrees else line(_stopped(record.reason))
    blocks: list[Block] = [Paragraph((*line(f'Chosen option: "{_chosen(report, record)}", because '), *because))]
    if agrees:
        blocks.append(Paragraph(line(report.sentence, _marks(report.pattern_cited), f" {_strength(report)}")))
        if record.reason:
            blocks.append(typed(record.reason))
    else:
        did = "settled it" if report.verdict.kind == "level" else "chose otherwise"
        said = f"{_advice(report)} {report.sentence} {_strength(report)} The deciders {did}, for the reason above."
        blocks.append(Paragraph(line(said)))
    drawing = svg(report)
    if drawing:
        blocks.append(Figure(drawing, clean(f"The design: {report.pattern_name}"), _lanes(report)))
    parts = [_consequences(report, record), route.path(report), _confirmation(report, record)]
    if report.clashes:
        parts.insert(0, route.clashes(report))
    return Section(OUTCOME, tuple(blocks), tuple(parts))


def _consequences(report: Report, record: Record) -> Section:
    blocks: list[Block] = []
    for lead, needs in (
        ("To build or set, whichever transport carries the stream:", [n for n in report.needs if n.any_transport]),
        ("To build or set for this choice:", [n for n in report.needs if not n.any_transport]),
    ):
        if needs:
            blocks += [Paragraph(line(lead)), Items(tuple(map(_need, needs)), "todo")]
    if report.against and not report.aside:
        bad = (line(prose(f"Bad, because {r.said}, and {r.because}."), _marks(r.cited)) for r in report.against)
        blocks.append(Items(tuple(bad)))
    return Section(CONSEQUENCES, tuple(blocks))


def _need(need: ReportNeed) -> Line:
    return line(strong(f"{need.title}."), " ", prose(need.what), _marks(need.cited))


def _confirmation(report: Report, record: Record) -> Section:
    checks = Items(tuple(line(strong(f"{n.title}:"), " ", prose(n.confirm)) for n in report.needs), "todo")
    return Section(CONFIRMATION, (checks,) if report.needs else (), tuple(map(measured, record.evidence)))


def _comparison(report: Report, record: Record) -> Section:
    rows = tuple((line(r.title, _marks(r.cited)), *(prose(cell) for cell in r.cells)) for r in report.rows)
    return Section(COMPARISON, (Table(("", *report.columns), rows),))


def _more(report: Report, record: Record) -> Section:
    starter = (route.starter(report),) if report.snippets else ()
    return Section(MORE, (), (_revisit(report), *starter, _sources(report)))


def _revisit(report: Report) -> Section:
    items = [line(f"If {t.when}: the guide would then say {t.becomes_name}.") for t in report.turns]
    items += [line(f"When this is known: {a.ask}") for a in (*report.unknowns, *report.missing)]
    items.append(line("When a source below is more than a year old, or the rules have changed."))
    return Section(REVISIT, (Items(tuple(items)),))


def _sources(report: Report) -> Section:
    items = []
    for cited in report.sources:
        links: list[Link | str] = []
        for source in cited.fact.source:
            links += ["; " if links else " ", _source(source.title, source.url)]
        basis = f". {_capital(cited.fact.basis)}, checked {cited.fact.checked}."
        items.append(line(prose(cited.fact.claim), *links, basis))
    return Section(SOURCES, (Items(tuple(items), "sources"),) if items else ())


SECTIONS: tuple[Callable[[Report, Record], Section], ...] = (
    _context,
    _drivers,
    _options,
    _outcome,
    _comparison,
    _more,
)
"""The record, in order."""


def _agrees(report: Report, record: Record) -> bool:
    return record.chosen == report.verdict.choice


def _chosen(report: Report, record: Record) -> str:
    """What was chosen, by the name of the shape that it takes with these answers."""
    return report.shapes.get(record.chosen) or report.names.get(record.chosen, record.chosen)


def _because(report: Report) -> Line:
    """What follows 'because' where the deciders follow the guide: the strongest reasons, or what leads beyond."""
    if report.beyond:
        return line(f"{report.beyond}.", _marks(report.pattern_cited))
    strongest = [r for r in report.reasons if r.force == report.reasons[0].force][:2]
    cited = dict.fromkeys(c for reason in strongest for c in reason.cited)
    said = ", and because ".join(r.because for r in strongest) or "the guide recommends it"
    return line(prose(f"{said}."), _marks(tuple(cited)))


def _advice(report: Report) -> str:
    return (
        "The guide called it level." if report.verdict.kind == "level" else f"The guide recommended {report.headline}."
    )


def _strength(report: Report) -> str:
    """How sure the guide is, as a sentence."""
    verdict = report.verdict
    out = [report.names[s.option] for s in verdict.standings if s.ruled_out]
    if verdict.kind == "outside":
        return f"This lies outside the choice between {' and '.join(report.columns)}."
    if verdict.kind == "level":
        return "The reasons for both weigh the same." if verdict.reasons else "Nothing has been weighed yet."
    if out:
        return f"The advice is decided: {out[0]} is ruled out."
    share = f"{100 * report.shares[verdict.choice]:.0f} %"
    holds = f"It holds under {share} of all weightings in which every reason weighs between half and one and a half."
    if verdict.strength == "leaning":
        return f"The advice leans, by a margin of one point: one answer can turn it. {holds}"
    return f"The advice is decided, by a margin of {verdict.margin} points. {holds}"


def _lanes(report: Report) -> tuple[Line, ...]:
    ways = {"up": "Client to endpoint", "down": "Endpoint to client", "both": "Both ways"}
    return tuple(line(f"{ways[lane.way]}: {lane.label} ({lane.detail})") for lane in report.lanes)


def _marks(cited: tuple[Cited, ...]) -> tuple[Mark, ...]:
    return tuple(Mark(c.number) for c in cited)


def _source(title: str, url: str) -> Link | str:
    """A link, or for what stands in this project its path."""
    return Link(clean(title), url) if url.startswith("https://") else f"{title} ({url})"


def _stopped(text: str) -> str:
    """A sentence with its full stop."""
    text = clean(text).strip()
    return text if text.rstrip("\u202c\u2069\"')]»”’").endswith((".", "!", "?", "…", "。")) else f"{text}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
