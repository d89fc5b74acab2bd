"""Makes the files of a project from a report on one transport."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass

from guide.book import Book
from guide.decision.engine import pattern
from guide.decision.path import USUAL_HEARTBEAT
from guide.decision.starter import Variant, variants
from guide.model import Record
from guide.record.exports import markdown
from guide.report.report import Report, ReportProject, build
from guide.starter import packages
from guide.starter.places import configured, filled
from guide.starter.readme import About, readme

FORMAT = "streamwise-starter/1"
CONFIGURATIONS = "proxies/"
"""Where the configurations stand that have places of their own."""
TITLE = "Transport of our agent's output"
SETTLED = "To start with, we take {name}."


@dataclass(frozen=True)
class Project:
    """A project, whole."""

    name: str
    """Of its folder and of the zip file."""
    files: Mapping[str, bytes]


def make(book: Book, report: Report, day: datetime.date, record: Record | None = None) -> Project:
    """The project for what the report is about. `record`: the decision as the deciders wrote it, if they did.

    Raises:
        ValueError: the report is about no single transport.
    """
    if len(report.projects) != 1:
        raise ValueError(f"{report.chosen!r} is no single transport. Allowed: {', '.join(book.options)}")
    [project], [variant] = report.projects, variants(book, report.raw, report.chosen)
    told = texts(book, report, variant)
    made = {
        "README.md": readme(_about(book, report, project, told)),
        "streamwise.json": _answers(report, project, day),
        "docs/decision.md": markdown.render(report, record or drafted(report, day), short=True).decode(),
    }
    told |= {path: made[path] for path, source in variant.files.items() if source is None}
    ordered = {path: told[path].encode() for path in variant.files}
    return Project(f"streamwise-{project.program}", ordered)


def texts(book: Book, report: Report, variant: Variant) -> dict[str, str]:
    """Every file that has a source, with its places filled."""
    sources = {path: source for path, source in variant.files.items() if source}
    versions = packages.pinned(book.sources[sources[packages.LOCK]])
    lists = {
        extra or "dependencies": packages.ranges(packages.direct(book, variant.axes, extra), versions)
        for extra in (None, *packages.extras(book))
    }
    places = {**book.starter.places, "heartbeat": f"{report.path.heartbeat or USUAL_HEARTBEAT:g}"}
    return {
        path: configured(book.sources[source], places)
        if source.startswith(CONFIGURATIONS)
        else filled(book.sources[source], places, lists)
        for path, source in sources.items()
    }


def _about(book: Book, report: Report, project: ReportProject, texts: Mapping[str, str]) -> About:
    axes = [(axis, one) for axis, choices in book.starter.axes.items() for one in choices]
    why = dict.fromkeys(one.what for axis, one in axes if project.axes[axis] == one.value and one.what)
    versions = packages.pinned(texts[packages.LOCK])
    return About(
        report=report,
        sentence=book.patterns[pattern(book, report.raw, report.chosen) or ""].sentence,
        project=project,
        texts=texts,
        why=tuple(why),
        port=book.starter.places["port"],
        proxy_port=book.starter.places["proxy_port"],
        tested=book.starter.tested,
        versions={name: versions[name] for name in packages.direct(book, project.axes, None)},
    )


def on_one_transport(book: Book, advice: Report, wanted: str | None, named: str = "--transport") -> Report:
    """The report about the transport for which a project is made: the recommended one, or `wanted` where it is level.

    Args:
        advice: the report on the answers alone.
        named: how whoever asks gives `wanted`, for errors.

    Raises:
        ValueError: there is no project for it, or nothing was wanted where the verdict is level.
    """
    verdict = advice.verdict
    both = ", ".join(book.options)
    if verdict.kind == "outside":
        raise ValueError(f"the recommendation is {advice.name}. There is a project for each of {both}")
    if wanted is not None and wanted not in book.options:
        raise ValueError(f"{named}: {wanted!r}. Allowed: {both}")
    if verdict.kind == "level" and wanted is None:
        options = " or ".join(f"{named} {option}" for option in book.options)
        raise ValueError(f"the verdict is level; you settle it. Add {options}")
    if verdict.kind == "option" and wanted not in (None, verdict.choice):
        raise ValueError(f"{named}: the guide recommends {verdict.choice!r}. Allowed: where the verdict is level")
    return build(book, advice.raw, wanted or verdict.choice)


def drafted(report: Report, day: datetime.date) -> Record:
    """A record of what the report is about, for people to edit."""
    reason = "" if report.chosen == report.verdict.choice else SETTLED.format(name=report.names[report.chosen])
    return Record(title=TITLE, date=day, chosen=report.chosen, reason=reason, answers=report.raw)


def _answers(report: Report, project: ReportProject, day: datetime.date) -> str:
    """All that is needed to make the project again, an answer a line."""
    kept = {
        "format": FORMAT,
        "made": day.isoformat(),
        "rules": {"version": report.version, "hash": report.hash},
        "transport": report.chosen,
        "built": dict(project.axes),
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in kept.items()]
    said = [f"    {json.dumps(qid)}: {json.dumps(list(chosen))}" for qid, chosen in report.raw.items()]
    answers = "{\n" + ",\n".join(said) + "\n  }" if said else "{}"
    return "\n".join(["{", *lines, f'  "answers": {answers}', "}", ""])
