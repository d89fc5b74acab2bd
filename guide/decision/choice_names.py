"""Name of the choice that answers lead to, in few words: for lists and bars."""

from __future__ import annotations

from guide.book import Book
from guide.decision.engine import choose
from guide.model import Answers


def choice_name(book: Book, answers: Answers) -> str:
    """The transport, level, or what lies beyond the choice."""
    choice, _ = choose(book, answers)
    if choice in book.options:
        return book.options[choice].short
    return book.outside[choice].name if choice in book.outside else book.words["verdict.level"]
