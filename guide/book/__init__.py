"""Reads the guide's knowledge from `guide/knowledge/` and checks it."""

from guide.book.contents import Book, BookError, Problem, read_yaml
from guide.book.load import KNOWLEDGE, book, load_book

__all__ = ["KNOWLEDGE", "Book", "BookError", "Problem", "book", "load_book", "read_yaml"]
