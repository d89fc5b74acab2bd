"""Numbers the sources of a short record anew: it lists those that it cites, in order, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from guide.record.document import Block, Code, Figure, Items, Line, Mark, Paragraph, Section, Table, Typed


def cited(decision: tuple[Line, ...], sections: tuple[Section, ...]) -> tuple[int, ...]:
    """The numbers of all marks, in the order in which they are first met."""
    lines = (*decision, *(line for section in sections for line in _lines(section)))
    return tuple(dict.fromkeys(span.number for line in lines for span in line if isinstance(span, Mark)))


def renumbered(section: Section, numbers: Mapping[int, int]) -> Section:
    """The section with its marks under their new numbers."""
    blocks = tuple(_block(block, numbers) for block in section.blocks)
    return replace(section, blocks=blocks, parts=tuple(renumbered(part, numbers) for part in section.parts))


def renumbered_line(line: Line, numbers: Mapping[int, int]) -> Line:
    return tuple(Mark(numbers[span.number]) if isinstance(span, Mark) else span for span in line)


def _lines(section: Section) -> Iterator[Line]:
    for block in section.blocks:
        match block:
            case Paragraph(line):
                yield line
            case Items(items):
                yield from items
            case Table(_, rows):
                yield from (cell for row in rows for cell in row)
            case Figure() | Typed() | Code():
                pass
            case _:
                assert_never(block)
    for part in section.parts:
        yield from _lines(part)


def _block(block: Block, numbers: Mapping[int, int]) -> Block:
    match block:
        case Paragraph(line):
            return Paragraph(renumbered_line(line, numbers))
        case Items(items):
            return replace(block, items=tuple(renumbered_line(item, numbers) for item in items))
        case Table(_, rows):
            return replace(block, rows=tuple(tuple(renumbered_line(cell, numbers) for cell in row) for row in rows))
        case Figure() | Typed() | Code():
            return block
        case _:
            assert_never(block)
