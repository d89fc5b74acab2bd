"""PDF.

Typeset by typst from `record.typ`, a fixed template: what is said reaches it as data as JSON, so no text can be
markup. Fonts are those within the package, whatever the machine has; the file is tagged (PDF/UA-1) and the same record
gives the same bytes. A character that no font within has is written as its code point, `[U+4F60]`.
"""

from __future__ import annotations

import dataclasses
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

from guide.model import Record
from guide.record.document import Document, Figure
from guide.record.outline import outline
from guide.report.report import Report

MIME = "application/pdf"
SUFFIX = "pdf"
_TEMPLATE = Path(__file__).with_name("record.typ")
_FONT = "Libertinus Serif"
_ROUNDS = 6
"""How often characters without a glyph are looked for: marks first, and they may differ between upright and bold."""
MARKS = frozenset({"Mn", "Me", "Mc", "Cf"})
"""Categories of what is set with the character before it."""


def render(report: Report, record: Record, short: bool = False) -> bytes:
    """Raises RuntimeError where typst cannot set it, which no text should bring about."""
    return written(outline(report, record, short))


def written(document: Document) -> bytes:
    """Any document as a file. Raises as `render` does."""
    import typst  # here, since the start of the app does not need it

    data = json.dumps(_plain(document), ensure_ascii=False)
    for last in (*[False] * (_ROUNDS - 1), True):
        try:
            return typst.compile(
                _TEMPLATE.read_bytes(),
                format="pdf",
                ignore_system_fonts=True,
                sys_inputs={"record": data},
                pdf_standards=["ua-1"],
            )
        except typst.TypstError as error:
            lacking = _lacking(error.diagnostic)
            if last or not lacking:
                raise
            data = re.sub(f"[{re.escape(''.join(lacking))}]", lambda c: f"[U+{ord(c[0]):04X}]", data)
    raise AssertionError("the last round returns or raises")


def _lacking(diagnostic: str) -> set[str]:
    """Characters that typst could set with none of its fonts.

    It names what is set as one, such as a digit and its marks. Then the marks are what no font has: the digit stays.
    """
    found = re.findall(r'the text `"(.*?)"` could not be displayed', diagnostic, re.DOTALL)
    lacking: set[str] = set()
    for text in found:
        cluster = re.sub(r"\\u\{([0-9a-f]+)\}", lambda m: chr(int(m[1], 16)), text)
        marks = {c for c in cluster if unicodedata.category(c) in MARKS}
        lacking |= marks or {c for c in cluster if not (c.isascii() and c.isprintable())}
    return lacking


def _plain(value: Any) -> Any:
    """Dataclasses as JSON, each with the name of its class, by which the template tells them apart."""
    if isinstance(value, Figure):
        value = dataclasses.replace(value, svg=_paper(value.svg))
    if dataclasses.is_dataclass(value):
        fields = {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"kind": type(value).__name__.lower(), **fields}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int) else value.isoformat()


def _paper(svg: str) -> str:
    """The drawing for paper: typst knows neither variables of CSS nor our font."""
    svg = re.sub(r"var\(--[a-z-]+,\s*([^()]*)\)", r"\1", svg)
    return svg.replace('font-family="Inter, sans-serif"', f'font-family="{_FONT}"')
