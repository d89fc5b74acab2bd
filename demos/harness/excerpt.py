"""Reads a block of lines from one of our source files, to show the current code instead of a copy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Excerpt:
    """A block of one file: the line that contains `first`, the lines indented below it, and the closing line."""

    path: str
    """Relative to the project's folder."""
    first: str
    """Text that occurs in exactly one line of the file."""

    @property
    def language(self) -> str:
        return {".py": "python", ".js": "javascript", ".html": "html"}.get(Path(self.path).suffix, "text")

    def read(self) -> tuple[int, str]:
        """Return (number of the first line, the lines without their common indentation).

        Raises:
            ValueError: `first` occurs in no line, or in several.
        """
        lines = (ROOT / self.path).read_text(encoding="utf-8").splitlines()
        found = [number for number, line in enumerate(lines) if self.first in line]
        if len(found) != 1:
            raise ValueError(f"{self.path}: {self.first!r} stands in {len(found)} lines. Allowed: one")
        start = found[0]
        depth = _depth(lines[start])
        end = start + 1
        while end < len(lines) and (not lines[end].strip() or _depth(lines[end]) > depth):
            end += 1
        if end < len(lines) and lines[end].strip() and lines[end].strip()[0] in ")]}":
            end += 1
        block = lines[start:end]
        while not block[-1].strip():
            block.pop()
        return start + 1, "\n".join(line[depth:] for line in block)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
