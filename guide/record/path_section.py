"""Builds the record's sections on the path, on contradictory answers and on the starter project."""

from __future__ import annotations

from itertools import groupby

from guide.decision.proxy_configs import ReportConfig
from guide.record.document import Block, Code, Items, Line, Mark, Paragraph, Section, line, prose, strong
from guide.report.path import ReportLimit
from guide.report.report import Cited, Report, ReportClash, ReportFile

PATH = "The Path, Part by Part"
UNKNOWN_PATH = "We do not know yet what stands in the path."
CONFIGS = "Recommended Configuration of {title}"
CLASHES = "Answers That Do Not Go Together"
STARTER = "The Project to Start From"


def path(report: Report) -> Section:
    """Settings in the order in which a request meets them, what no setting cures, the heartbeat, and whole files."""
    found = report.path
    if not found.known:
        return Section(PATH, (Paragraph(line(UNKNOWN_PATH)),))
    blocks: list[Block] = []
    if found.settings:
        blocks += [
            Paragraph(line("To set, in the order of the path, and why:")),
            Items(tuple(map(_set, found.settings))),
        ]
    if found.left:
        blocks += [Paragraph(line("What no setting of ours can fix:")), Items(tuple(map(_left, found.left)))]
    return Section(PATH, (*blocks, Paragraph(line(_heartbeat(report)))), tuple(map(_config, report.configs)))


def to_set(report: Report) -> tuple[Block, ...]:
    """The path in short: what to set at each part of it, where something stays, and the heartbeat."""
    found = report.path
    if not found.known:
        return (Paragraph(line(UNKNOWN_PATH)),)
    blocks: list[Block] = []
    if found.settings:
        tiers = groupby(found.settings, key=lambda limit: limit.tier)
        items = tuple(_tier(tier, tuple(dict.fromkeys(limit.setting for limit in limits))) for tier, limits in tiers)
        blocks += [Paragraph(line("To set, in the order of the path:")), Items(items, "todo")]
    if found.left:
        tiers_left = tuple(dict.fromkeys(limit.tier for limit in found.left))
        blocks.append(Paragraph(line(f"No setting of ours can fix the limits of: {', '.join(tiers_left)}.")))
    return (*blocks, Paragraph(line(_heartbeat(report))))


def _tier(tier: str, settings: tuple[str, ...]) -> Line:
    parts = [part for setting in settings for part in ("; ", prose(setting))][1:]
    return line(strong(f"{tier}:"), " ", *parts, ".")


def _config(config: ReportConfig) -> Section:
    blocks: list[Block] = [Paragraph(line(config.ran, " The addresses in it are examples."))]
    for n, (name, text) in enumerate(config.files):
        blocks += [Paragraph(line("With it goes ", prose(f"`{name}`"), ":"))] if n else []
        blocks.append(Code(text))
    return Section(CONFIGS.format(title=config.title), tuple(blocks))


def clashes(report: Report) -> Section:
    return Section(CLASHES, (Items(tuple(map(_clash, report.clashes))),))


def starter(report: Report) -> Section:
    """The project's main files, each with a sentence; where the choice is level, of one of the two."""
    project = report.projects[0]
    told = [file for file in project.files if file.told]
    lead = f"Streamwise makes a small project of {len(project.files)} files for {project.option_name}. Its main files:"
    return Section(STARTER, (Paragraph(line(lead)), Items(tuple(map(_file, told)))))


def _set(limit: ReportLimit[Cited]) -> Line:
    return line(strong(f"{limit.tier}:"), " ", prose(limit.setting), ". ", prose(limit.sentence), _marks(limit.cited))


def _left(limit: ReportLimit[Cited]) -> Line:
    return line(strong(f"{limit.tier}."), " ", prose(limit.sentence), _marks(limit.cited))


def _heartbeat(report: Report) -> str:
    every, by = report.path.heartbeat, report.path.heartbeat_by
    if every is None:
        return "None of our silences needs a heartbeat."
    because = f", since {by} allows no more" if by else ""
    return f"A heartbeat at least every {every:g} s{because}."


def _clash(clash: ReportClash) -> Line:
    return line(prose(clash.sentence), _marks(clash.cited))


def _file(file: ReportFile) -> Line:
    return line(prose(f"`{file.path}`"), ": ", prose(file.what))


def _marks(cited: tuple[Cited, ...]) -> tuple[Mark, ...]:
    return tuple(Mark(c.number) for c in cited)
