"""Names a record's file: its number and the beginning of its title, as collections of decision records are kept."""

from __future__ import annotations

import re
import unicodedata

from guide.model import Record

LONGEST = 50
"""Characters of the title's part of the name."""
MOST_NUMBER = 9999
NAMELESS = "decision"
"""Where a title has no letter that a file name can carry."""


def file_name(record: Record, suffix: str) -> str:
    """`0001-short-title.md`."""
    return f"{record.number:04d}-{short_title(record.title)}.{suffix}"


def short_title(title: str) -> str:
    """Lower-case words with hyphens, as many as fit; no word is cut unless the first is too long by itself."""
    plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    short = words[0][:LONGEST] if words else NAMELESS
    for word in words[1:]:
        if len(short) + 1 + len(word) > LONGEST:
            break
        short += f"-{word}"
    return short
