"""Splits text into terms, so that one thing is found however it is written.

    keep-alive, keepAlive, KEEP_ALIVE -> keep alive keepalive        U+2028 -> u 2028 u2028
Word forms (`drops`, `dropped`) are left to the index, which stems.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

_WRITTEN = re.compile(r"\w+(?:[-./+:]\w+)*")
"""A word, or several that are written as one."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PARTS = re.compile(r"[^\W_]+")
LONGEST = 40
"""Characters of a joined term: a whole address is no word."""
FILLERS = frozenset(
    (
        *"a an the and or not at by for from in into of on than to with".split(),  # noqa: SIM905
        *"are be can do does get gets has have is was will".split(),  # noqa: SIM905
        *"i it its my our that their they this we you your so then there as but".split(),  # noqa: SIM905
        *"how what when where which while why".split(),  # noqa: SIM905
    )
)
"""Words that say nothing about the subject. A search made of nothing else is searched as it stands."""


def fold(text: str) -> str:
    """Without case and accents, so that `Münch` is found by `munch`."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()


def terms(text: str) -> list[str]:
    """All terms of a text, in order: each part of what is written as one, and the whole of it joined."""
    found: list[str] = []
    for written in _WRITTEN.findall(text):
        parts = [fold(part) for piece in _PARTS.findall(written) for part in _HUMP.split(piece)]
        found += parts
        joined = "".join(parts)
        if len(parts) > 1 and len(joined) <= LONGEST:
            found.append(joined)
    return found


LONGEST_SEARCH = 400
"""Characters of a search that are looked at: an error text is shorter, and a page would keep everybody waiting."""


def wanted(words: str) -> list[tuple[str, ...]]:
    """What a search asks for: for each of its words the terms of which one is enough.

    Neighbours are also tried as one word, as in `keep alive` and `keepalive`. Such a pair stands with both words.
    """
    parts = [fold(part) for piece in _PARTS.findall(words[:LONGEST_SEARCH]) for part in _HUMP.split(piece)]
    kept = [part for part in parts if part not in FILLERS] or parts
    groups: list[list[str]] = [[part] for part in kept]
    for n, (left, right) in enumerate(pairwise(kept)):
        groups[n].append(left + right)
        groups[n + 1].append(left + right)
    if len(kept) > 2:
        whole = "".join(kept)
        if len(whole) <= LONGEST:
            for group in groups:
                group.append(whole)
    return [tuple(group) for group in groups]
