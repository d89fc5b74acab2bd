"""HTML.

One file that needs nothing else: it reads offline, in light and dark, on a phone and on paper. No script, and a policy
within forbids every request. Every text goes through `html.escape`; the drawing escapes its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
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
)
from guide.record.outline import outline
from guide.report.report import Report

MIME = "text/html"
SUFFIX = "html"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_STYLE = Path(__file__).with_name("html_file.css")


def render(report: Report, record: Record, short: bool = False) -> bytes:
    return written(outline(report, record, short))


def written(document: Document) -> bytes:
    """Any document as a file."""
    style = _STYLE.read_text(encoding="utf-8")
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{escape(document.title)}</title>",
        f"<style>\n{style}</style></head>",
        "<body><main>",
        *_head(document),
        *(part for section in document.sections for part in _section(section, 2)),
        f'<p class="colophon">{escape(document.colophon)}</p>',
        "</main></body></html>\n",
    ]
    return "\n".join(parts).encode()


def _head(document: Document) -> Iterator[str]:
    facts = {"Status": document.status.capitalize(), "Date": document.date.isoformat(), "Deciders": document.deciders}
    yield f"<header><h1>{_text(document.title)}</h1>"
    pairs = (f"<div><dt>{name}</dt><dd>{_text(value)}</dd></div>" for name, value in facts.items() if value)
    yield f'<dl class="facts">{"".join(pairs)}</dl></header>'
    yield f'<div class="decision"><p class="kicker">{escape(document.kicker)}</p>'
    yield f'<p class="headline">{_text(document.headline)}</p>'
    yield from (f"<p>{_line(line)}</p>" for line in document.decision)
    yield "</div>"


def _section(section: Section, level: int) -> Iterator[str]:
    page = ' class="new-page"' if section.new_page else ""
    yield f"<section{page}><h{level}>{_text(section.title)}</h{level}>"
    for block in section.blocks:
        yield from _block(block, section.title)
    for part in section.parts:
        yield from _section(part, level + 1)
    yield "</section>"


def _block(block: Block, title: str) -> Iterator[str]:
    match block:
        case Paragraph(line):
            yield f"<p>{_line(line)}</p>"
        case Typed(paragraphs):
            yield from (f"<p>{'<br>'.join(map(_text, rows))}</p>" for rows in paragraphs)
        case Items(items, "sources"):
            entries = (f'<li id="source-{n}">{_line(item)}</li>' for n, item in enumerate(items, 1))
            yield f'<ol class="sources">{"".join(entries)}</ol>'
        case Items(items, style):
            entries = (f"<li>{_line(item)}</li>" for item in items)
            yield f'<ul class="{style}">{"".join(entries)}</ul>'
        case Table():
            yield from _table(block, title)
        case Figure(svg, caption, says):
            spoken = f'<ul class="said">{"".join(f"<li>{_line(line)}</li>" for line in says)}</ul>'
            yield f"<figure>{svg}<figcaption>{escape(caption)}</figcaption>{spoken}</figure>"
        case Code(text):
            # It scrolls where the screen is narrow, so the keyboard must reach it.
            region = f'role="region" tabindex="0" aria-label="File: {escape(title)}"'
            yield f"<pre {region}><code>{escape(text)}</code></pre>"
        case _:
            assert_never(block)


def _table(table: Table, title: str) -> Iterator[str]:
    """Within a box that scrolls where the screen is narrow, and that the keyboard reaches for that reason."""
    number = ["" if n not in table.numbers else ' class="number"' for n in range(len(table.head))]
    yield f'<div class="scroll" role="region" tabindex="0" aria-label="Table: {escape(title)}"><table>'
    head = (
        f'<th scope="col"{kind}>{escape(name)}</th>' if name else "<td></td>"
        for name, kind in zip(table.head, number, strict=True)
    )
    yield f"<thead><tr>{''.join(head)}</tr></thead><tbody>"
    for first, *rest in table.rows:
        cells = (f"<td{kind}>{_line(cell)}</td>" for cell, kind in zip(rest, number[1:], strict=True))
        yield f'<tr><th scope="row">{_line(first)}</th>{"".join(cells)}</tr>'
    yield "</tbody></table></div>"


def _line(line: Line) -> str:
    return "".join(map(_span, line))


def _span(span: Plain | Mark | Link) -> str:
    match span:
        case Mark(number):
            return f' <a class="mark" href="#source-{number}">[{number}]</a>'
        case Link(text, url):
            return f'<a href="{escape(url)}" rel="noreferrer">{escape(text)}</a>'
        case Plain(text, "strong"):
            return f"<strong>{escape(text)}</strong>"
        case Plain(text, "code"):
            return f"<code>{escape(text)}</code>"
        case Plain(text):
            return escape(text)


def _text(text: str) -> str:
    """Text of its own line, kept apart from the direction of what stands around it."""
    return f"<bdi>{escape(text)}</bdi>"
