"""Draws a QR code of an address: always black on white, also where the page is dark, since cameras want it so."""

from __future__ import annotations

import io
import re
from urllib.parse import urlsplit

import segno

ANY_CASE = re.compile(r"/?|/[rR]/[0-9A-Za-z]+")
"""Paths that mean the same in small letters and in capitals: the app's first page, and a room."""
WHITE_ON_BLACK, USUAL = "\033[97;40m", "\033[0m"
"""For terminals: what is drawn is the white of the code."""
QUIET_ZONE = 4
"""Modules of white around it, as its standard wants (ISO/IEC 18004)."""


def capitals(url: str) -> str:
    """The same address in capitals, which a QR code packs tighter; as it is where its case means something.

    Scheme and host are the same in any case, and so is the path of a room. Capitals need 5.5 bits each, other text 8,
    so that the squares of the code become larger, for the back row.
    """
    parts = urlsplit(url)
    free = ANY_CASE.fullmatch(parts.path) and not (parts.query or parts.fragment or parts.username)
    return url.upper() if free else url


def svg(url: str, title: str = "") -> str:
    """An SVG drawing to stand in a page or alone. It fills the width that it is given."""
    return _code(url).svg_inline(
        border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True, title=title or None, svgclass="qr", lineclass=None
    )


def svg_file(url: str) -> bytes:
    """The same as a file."""
    written = io.BytesIO()
    _code(url).save(
        written, kind="svg", border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True, xmldecl=False, nl=False
    )
    return written.getvalue()


def in_terminal(url: str, colours: bool = True) -> str:
    """The code in half blocks. `colours`: black and white whatever those of the terminal are."""
    written = io.StringIO()
    _code(url).terminal(written, border=QUIET_ZONE, compact=True)
    rows = written.getvalue().splitlines()
    return "\n".join(f"{WHITE_ON_BLACK}{row}{USUAL}" if colours else row for row in rows)


def _code(url: str) -> segno.QRCode:
    return segno.make_qr(capitals(url), error="m", boost_error=False)
