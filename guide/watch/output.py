"""Says what was found about records: as text, JSON, annotations of GitHub, or Markdown for a pull request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from guide.watch.comparison import Finding, Level, Watched

SILENT = (Level.RECHECKED,)
"""Levels that are counted and not listed."""
LONGEST = 300
"""Characters of a text from a file or a fact that are printed."""


def as_text(watched: Sequence[Watched], rules: str) -> str:
    """A line for each finding that matters, and a line for all together."""
    lines = [_plain(f"{one.file}: {finding.level.value}: {finding.sentence}") for one, finding in _told(watched)]
    return "\n".join([*lines, summary(watched, rules)])


def as_json(watched: Sequence[Watched], rules: str) -> str:
    """Everything, the silent findings too."""
    records = [
        {
            "file": one.file,
            "title": one.title,
            "findings": [
                {"level": f.level.value, "about": f.about, "id": f.id, "then": f.then, "now": f.now}
                for f in one.findings
            ],
        }
        for one in watched
    ]
    return json.dumps({"rules": rules, "records": records}, ensure_ascii=False, indent=2)


def as_github(watched: Sequence[Watched], rules: str) -> str:
    """Workflow commands: what turned is an error, the rest are warnings, at the record's file."""
    lines = []
    for one, finding in _told(watched):
        kind = "error" if finding.level in (Level.TURNED, Level.UNREADABLE) else "warning"
        title = f"Decision record: {finding.level.value}"
        lines.append(
            f"::{kind} file={_property(one.file)},title={_property(title)}::{_message(_short(finding.sentence))}"
        )
    return "\n".join([*lines, summary(watched, rules)])


def as_markdown(watched: Sequence[Watched], rules: str) -> str:
    """Then and now, a table for each record that differs, to be pasted into a pull request."""
    parts = [f"### Decision records under today's rules ({rules})", ""]
    for one in watched:
        told = [finding for finding in one.findings if finding.level not in SILENT]
        if told:
            parts += [f"{_cell(one.title) or 'Record'} ({_cell(one.file)})", ""]
            parts += ["| | what | then | now |", "| --- | --- | --- | --- |"]
            parts += [
                f"| {f.level.value} | {_cell(f.name)} | {_cell(f.then) or '-'} | {_cell(f.now) or '-'} |" for f in told
            ]
            parts.append("")
    return "\n".join([*parts, summary(watched, rules)])


def summary(watched: Sequence[Watched], rules: str) -> str:
    """One sentence over all records."""
    counts = {level: sum(len(one.of(level)) for one in watched) for level in Level}
    told = ", ".join(f"{count} {level.value}" for level, count in counts.items() if count) or "nothing differs"
    records = "1 record" if len(watched) == 1 else f"{len(watched)} records"
    return f"{records} under rules {rules}: {told}."


def _told(watched: Iterable[Watched]) -> list[tuple[Watched, Finding]]:
    return [(one, finding) for one in watched for finding in one.findings if finding.level not in SILENT]


def _short(text: str, longest: int = LONGEST) -> str:
    """One bounded line: texts come from files."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * longest]).split())
    return line if len(line) <= longest else f"{line[:longest]} ..."


def _plain(line: str) -> str:
    """A line that no runner of a pipeline takes for a command of its own."""
    short = _short(line, LONGEST + 100).replace("##[", "# #[")
    return f"./{short}" if short.startswith("::") else short


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def _cell(text: str) -> str:
    """Text in a Markdown table, as code: nothing in it is markup, a mention, a link or a formula. Empty for no text."""
    line = _short(text).replace("`", "'").replace("|", "\\|")
    return f"`{line}`" if line else ""
