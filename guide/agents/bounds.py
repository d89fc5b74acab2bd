"""Keeps what an agent is told small: its context is what every answer costs."""

from __future__ import annotations

LARGEST = 4_000
"""Characters of a text, about 1,000 tokens; only a file may be longer."""
CUT = "... cut here. Ask for one part of it: {hint}"


def bounded(lines: list[str], hint: str) -> str:
    """The lines as a text of at most `LARGEST` characters."""
    whole = "\n".join(lines)
    if len(whole) <= LARGEST:
        return whole
    note = CUT.format(hint=hint)
    kept, left = list[str](), LARGEST - len(note) - 1
    for line in lines:
        if len(line) + 1 > left:
            break
        kept.append(line)
        left -= len(line) + 1
    return "\n".join([*kept, note])
