"""Selects the code snippets for a decision. Reads no file and draws nothing: the code itself is in `Book.code`."""

from __future__ import annotations

from guide.book import Book
from guide.decision.engine import LEVEL, asked_questions, client, holds
from guide.model import UNKNOWN, Answers


def chosen(book: Book, answers: Answers, choice: str) -> tuple[str, ...]:
    """Ids of the snippets to start from when `choice` is taken, in order.

    A snippet is offered when it carries the choice, or either transport, to the client of its design, and its condition
    holds. A question without
    an answer counts as answered `unknown`, so the data say what is offered where nothing is known. A level choice gets
    both transports; one that lies outside gets nothing.
    """
    options = set(book.options) if choice == LEVEL else {choice} & set(book.options)
    visible = set(asked_questions(book, answers))
    reader = client(book, answers, choice)
    given = {qid: (qid in visible and answers.get(qid)) or (UNKNOWN,) for qid in book.questions}
    fitting = [
        (snippet.order, key)
        for key, snippet in book.snippets.items()
        if options
        and (snippet.option is None or snippet.option in options)
        and (not snippet.clients or reader in snippet.clients)
        and holds(snippet.when, given)
    ]
    return tuple(key for _, key in sorted(fitting))
