"""Markdown (MADR 4).

Headings and front matter follow the template of MADR 4 (https://adr.github.io/madr/). What people typed is escaped: it
can hold neither markup nor HTML nor a heading of its own.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator

from guide.model import Evidence, Measurement, Record
from guide.report import Cited, Report, ReportReason

MIME = "text/markdown"
SUFFIX = "md"


def render(report: Report, record: Record) -> bytes:
    parts = [
        *_front(record),
        *_context(report, record),
        *_drivers(report),
        *_options(report, record),
        *_outcome(report, record),
        *_comparison(report),
        *_more(report, record),
    ]
    return ("\n".join(parts).rstrip() + "\n").encode()


def typed(text: str) -> str:
    """What somebody typed, as Markdown that reads as typed and does nothing."""
    text = "\n".join(line.strip() for line in text.splitlines())
    text = re.sub(r"([\\`*_\[\]<>|~&])", r"\\\1", text)
    text = re.sub(r"(?m)^([#+=-])", r"\\\1", text)
    return re.sub(r"(?m)^(\d+)([.)])", r"\1\\\2", text)


def line(text: str) -> str:
    """The same on one line: for headings, lists and cells."""
    return re.sub(r"#(?=#*$)", r"\\#", typed(" ".join(text.split())))  # a heading would drop #s at its end


def _yaml(text: str) -> str:
    """A YAML string: JSON's, on one line, with what YAML does not count as printable written in escapes."""
    quoted = json.dumps(" ".join(text.split()), ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)


def _front(record: Record) -> Iterator[str]:
    yield "---"
    yield f"status: {record.status}"
    yield f"date: {record.date.isoformat()}"
    if record.deciders:
        yield f"decision-makers: {_yaml(record.deciders)}"
    yield "---"
    yield ""
    yield f"# {line(record.title)}"
    yield ""


def _context(report: Report, record: Record) -> Iterator[str]:
    yield "## Context and Problem Statement"
    yield ""
    if record.context:
        yield typed(record.context)
        yield ""
    yield "Which transport carries the output of our agent to its clients: Server-Sent Events or WebSocket?"
    yield "These are the facts about our system on which the decision rests."
    yield ""
    yield "| Question | Our answer |"
    yield "| --- | --- |"
    for answer in report.answers:
        yield f"| {answer.ask} | {'; '.join(answer.texts) or 'not answered'} |"
    yield ""


def _drivers(report: Report) -> Iterator[str]:
    yield "## Decision Drivers"
    yield ""
    drivers = [*report.reasons, *report.against]
    for reason in drivers:
        yield f"* {_driver(reason)}"
    if report.beyond:
        yield f"* {_capital(report.beyond)}. {_refs(report.pattern_cited)}"
    elif not drivers:
        yield "* None of the answers speaks for one transport."
    yield ""


def _driver(reason: ReportReason) -> str:
    force = reason.force.value.replace("-", " ")
    return f"{_capital(reason.said)}. This {force} {reason.option_name}: {reason.because}. {_refs(reason.cited)}"


def _options(report: Report, record: Record) -> Iterator[str]:
    yield "## Considered Options"
    yield ""
    for name in dict.fromkeys([*report.columns, report.names.get(record.chosen, record.chosen)]):
        yield f"* {name}"
    yield ""


def _outcome(report: Report, record: Record) -> Iterator[str]:
    yield "## Decision Outcome"
    yield ""
    agrees = record.chosen == report.verdict.choice
    because = report.sentence if agrees else line(record.reason)
    because = because[:1].lower() + because[1:] if agrees else because
    yield f'Chosen option: "{_chosen(report, record)}", because {because}'
    yield ""
    if agrees and record.reason:
        yield typed(record.reason)
        yield ""
    if not agrees:
        level = report.verdict.kind == "level"
        found = "called it level" if level else f"recommended {report.headline}"
        did = "settled it" if level else "chose otherwise"
        yield f"The guide {found}: {report.sentence} The deciders {did}, for the reason above."
        yield ""
    yield "### Consequences"
    yield ""
    for need in report.needs:
        yield f"* To build or set: **{need.title}.** {need.what} {_refs(need.cited)}"
    for reason in () if report.aside else report.against:
        yield f"* Bad, because {reason.said}, and {reason.because}. {_refs(reason.cited)}"
    yield ""
    yield "### Confirmation"
    yield ""
    for need in report.needs:
        yield f"* [ ] {need.title}: {need.confirm}"
    yield ""
    for evidence in record.evidence:
        yield from _evidence(evidence)


def _evidence(evidence: Evidence) -> Iterator[str]:
    yield f"#### Measured: {line(evidence.title)}"
    yield ""
    runs = "One run" if evidence.runs == 1 else f"{evidence.runs} runs"
    mark = "" if evidence.verified else " Loaded from a file; not verified here."
    taken = f"{evidence.taken.astimezone(datetime.UTC):%Y-%m-%d %H:%M} UTC"
    yield f"{line(evidence.how)} {runs}, seed {evidence.seed}, {taken}, {line(evidence.where)}.{mark}"
    yield ""
    counts = "Transport | Client | Tokens | Lost | Repeated | Reconnects"
    yield f"| {counts} | First token | Gap p50 | Gap p95 | Longest gap |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for m in evidence.measurements:
        yield _measurement(m)
    yield ""
    if evidence.versions:
        yield "Versions: " + ", ".join(f"{line(k)} {line(v)}" for k, v in evidence.versions.items()) + "."
        yield ""


def _measurement(m: Measurement) -> str:
    times = (m.first_token_ms, m.gap_p50_ms, m.gap_p95_ms, m.gap_max_ms)
    cells = [m.transport, line(m.client), m.tokens, m.lost, m.repeated, m.reconnects]
    return "| " + " | ".join([*map(str, cells), *("–" if t is None else f"{t:.0f} ms" for t in times)]) + " |"


def _comparison(report: Report) -> Iterator[str]:
    yield "## Pros and Cons of the Options"
    yield ""
    yield "| | " + " | ".join(report.columns) + " |"
    yield "| --- |" + " --- |" * len(report.columns)
    for row in report.rows:
        yield f"| {row.title} {_refs(row.cited)} | " + " | ".join(row.cells) + " |"
    yield ""


def _more(report: Report, record: Record) -> Iterator[str]:
    yield "## More Information"
    yield ""
    yield "### When to revisit"
    yield ""
    for turn in report.turns:
        yield f"* If {turn.when}: the guide would then say {turn.becomes_name}."
    for answer in (*report.unknowns, *report.missing):
        yield f"* When this is known: {answer.ask}"
    yield "* When a source below is more than a year old, or the rules have changed."
    yield ""
    yield "### Sources"
    yield ""
    for cited in report.sources:
        links = "; ".join(f"[{_label(s.title)}]({s.url})" for s in cited.fact.source)
        fact = cited.fact
        yield f"{cited.number}. {fact.claim} {links}. {fact.basis.capitalize()}, checked {fact.checked}."
    yield ""
    yield f"Made with Streamwise, rules {report.version} ({report.hash})."
    if record.evidence:
        yield "The measured evidence is in the JSON record of the same name."


def _chosen(report: Report, record: Record) -> str:
    """What was chosen, by the name of the shape that it takes with these answers."""
    if record.chosen == report.verdict.choice:
        return report.headline
    return report.pattern_name


def _refs(cited: tuple[Cited, ...]) -> str:
    return " ".join(f"[{c.number}]" for c in cited)


def _label(title: str) -> str:
    return title.replace("[", "(").replace("]", ")")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
