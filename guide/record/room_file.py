"""Writes the report of a room as a file: Markdown, HTML and PDF through the same forms as a record, and JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from guide.record.document import Document
from guide.record.exports import html_file, markdown, pdf
from guide.record.room_outline import outline
from guide.record.room_report import RoomReport

JSON = "json"
FORMS: Mapping[str, tuple[str, Callable[[Document], bytes]]] = {
    form.SUFFIX: (form.MIME, form.written) for form in (markdown, html_file, pdf)
}
"""Suffix -> type of the file, and who writes it."""
SUFFIXES = (JSON, *FORMS)


def room_file(report: RoomReport, suffix: str) -> tuple[bytes, str]:
    """The file and its type.

    Raises:
        KeyError: there is no such form.
    """
    if suffix == JSON:
        return report.model_dump_json(indent=2).encode(), "application/json"
    mime, written = FORMS[suffix]
    return written(outline(report)), mime
