"""Markdown (MADR 4).

Headings and front matter follow the template of MADR 4 (https://adr.github.io/madr/). All text is escaped, whoever
wrote it: it can hold neither markup nor HTML nor a heading of its own, and none of GitHub's additions. (An e-mail
address still becomes a link on GitHub, which looks for those after the escapes are gone.)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import assert_never

from guide.model import Record
from guide.record.document import (
    Block,
    Code,
    Document,
    Figure,
    Items,
    Line,
    Link,
    Mark,
    Paragraph,
    Plain,
    Section,
    Table,
    Typed,
    strong,
)
from guide.record.outline import outline
from guide.report.report import Report

MIME = "text/markdown"
SUFFIX = "md"


def render(report: Report, record: Record, short: bool = False) -> bytes:
    more = "The measured evidence is in the JSON record of the same name.\n" if record.evidence else ""
    return "\n".join([*_front(record), written(outline(report, record, short)).decode() + more]).encode()


def written(document: Document) -> bytes:
    """Any document as a file, without front matter."""
    parts = [f"# {_heading(document.title)}", ""]
    for said in ((strong(document.headline),), *document.decision):
        parts += [_start(_line(said)), ""]
    for section in document.sections:
        parts += _section(section, 2)
    parts.append(escaped(document.colophon))
    return ("\n".join(parts).rstrip() + "\n").encode()


def escaped(text: str) -> str:
    """Text on one line, as Markdown that reads as it stands and does nothing."""
    text = re.sub(r"([\\`*_\[\]<>|~&$])", r"\\\1", text)
    text = text.replace("://", "\\://")  # GitHub makes links of bare addresses
    return re.sub(r"(?i)\b(www)\.", r"\1\\.", text)


def _start(text: str) -> str:
    """Escaped text at the beginning of a block, where some characters mean more."""
    text = re.sub(r"^([#+=-])", r"\\\1", text.lstrip())
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", text)


def _heading(text: str) -> str:
    return re.sub(r"#(?=#*$)", r"\\#", _start(escaped(text.strip())))  # a heading would drop #s at its end


def _front(record: Record) -> Iterator[str]:
    yield "---"
    yield f"status: {record.status}"
    yield f"date: {record.date.isoformat()}"
    if record.deciders:
        yield f"decision-makers: {_yaml(record.deciders)}"
    yield "---"
    yield ""


def _yaml(text: str) -> str:
    """A YAML string: JSON's, on one line, with what YAML does not count as printable written in escapes."""
    quoted = json.dumps(" ".join(text.split()), ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)


def _section(section: Section, level: int) -> Iterator[str]:
    yield f"{'#' * level} {_heading(section.title)}"
    yield ""
    for block in section.blocks:
        yield from _block(block)
        yield ""
    for part in section.parts:
        yield from _section(part, level + 1)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(line):
            yield _start(_line(line))
        case Typed(paragraphs):
            yield "\n\n".join("\n".join(_start(escaped(row)) for row in rows) for rows in paragraphs)
        case Items(items, style):
            for n, item in enumerate(items, 1):
                yield f"{ {'plain': '*', 'todo': '* [ ]', 'sources': f'{n}.'}[style] } {_start(_line(item))}"
        case Table(head, rows, numbers):
            yield _row(escaped(title) for title in head)
            yield _row("---:" if n in numbers else "---" for n in range(len(head)))
            for row in rows:
                yield _row(map(_line, row))
        case Figure(_, title, says):
            yield f"{escaped(title)}."
            yield ""
            yield from _block(Items(says))
        case Code(text):
            fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
            yield f"{fence}\n{text.rstrip()}\n{fence}"
        case _:
            assert_never(block)


def _row(cells: Iterator[str]) -> str:
    return f"| {' | '.join(cell.strip() for cell in cells)} |"


def _line(line: Line) -> str:
    return "".join(map(_span, line)).strip()


def _strong(text: str) -> str:
    """Blanks at the ends stand outside: Markdown neither begins nor ends strong text at one."""
    inner = text.strip()
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}**{escaped(inner)}**{after}" if inner else text


def _span(span: Plain | Mark | Link) -> str:
    match span:
        case Mark(number):
            return f" [{number}]"
        case Link(text, url):
            safe = re.sub(r"[\s<>()\\]", lambda c: "".join(f"%{byte:02X}" for byte in c[0].encode()), url)
            return f"[{escaped(text)}]({safe})"
        case Plain(text, "strong"):
            return _strong(text)
        case Plain(text, "code"):
            return "`" + text.replace("|", "\\|") + "`"
        case Plain(text):
            return escaped(text)
