"""What the pages of a PDF say, read by PDFium, which takes a small part of the time that Python would."""

from __future__ import annotations

from pypdfium2 import PdfDocument  # type: ignore[import-untyped]


def pages(written: bytes) -> list[str]:
    """The text of each page, its lines as they stand there."""
    with PdfDocument(written) as document:
        # A hyphen that ends a line has a sign of its own there.
        return [page.get_textpage().get_text_bounded().replace("\x02", "-") for page in document]
