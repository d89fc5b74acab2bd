"""Checks a Book across its entries: every reference resolves, every entry is used. Reports all errors, fixes none."""

from __future__ import annotations

import string
from collections.abc import Iterator

from guide.book.contents import Book, Problem
from guide.book.name_checks import misnamed
from guide.book.path_checks import misfits, place_of
from guide.book.probe_checks import misread
from guide.book.starter_checks import asked, cited, misplaced
from guide.model import UNKNOWN, Condition


def proofread(book: Book) -> list[Problem]:
    """Every mistake that one entry alone cannot show."""
    checks = (_chapters, _questions, _path, _references, _idle, _cases, _rows, _of_files)
    return sorted({problem for check in checks for problem in check(book)})


def conditions(book: Book) -> Iterator[tuple[str, str, Condition]]:
    """(entry, path in it, condition) of everything that says when it applies."""
    for qid, question in book.questions.items():
        yield f"questions/{qid}", "only_if", question.only_if
        for aid, answer in question.answers.items():
            for n, effect in enumerate(answer.effects):
                for name in ("only_if", "unless"):
                    yield f"questions/{qid}", f"answers.{aid}.effects.{n}.{name}", getattr(effect, name)
    for where in ("outside", "patterns", "needs", "rows"):
        for key, entry in getattr(book, where).items():
            for name in ("when", "unless", "when_any"):
                yield f"{where}/{key}", name, getattr(entry, name, {})
    for key, clash in book.clashes.items():
        for n, condition in enumerate(clash.when):
            yield f"clashes/{key}", f"when.{n}", condition
    for place, condition in asked(book):
        yield "starter/", place, condition


def citations(book: Book) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(entry, path in it, ids of the facts it cites)."""
    for qid, question in book.questions.items():
        for aid, answer in question.answers.items():
            entry, inside = place_of(book, qid, aid)
            for n, effect in enumerate(answer.effects):
                yield entry, f"{inside}effects.{n}.facts", effect.facts
            for n, limit in enumerate(answer.limits):
                yield entry, f"{inside}limits.{n}.facts", limit.facts
    for where in ("outside", "patterns", "needs", "rows", "clashes", "folklore"):
        for key, entry in getattr(book, where).items():
            yield f"{where}/{key}", "facts", entry.facts
            for n, cost in enumerate(getattr(entry, "costs", ())):
                yield f"{where}/{key}", f"costs.{n}.facts", cost.facts
    for key, symptom in book.symptoms.items():
        for n, cause in enumerate(symptom.causes):
            yield f"symptoms/{key}", f"causes.{n}.facts", cause.facts
    for key, seen in book.probe_causes.items():
        for n, cure in enumerate(seen.cures):
            yield f"probe/causes/{key}", f"cures.{n}.facts", cure.facts
    for file, path, facts in cited(book):
        yield f"starter/{file}", path, facts


def _at(book: Book, entry: str, path: str, found: str, allowed: str) -> Problem:
    where, key = entry.split("/", 1)
    key = f"files.{key}" if where == "starter" and key else key
    place = path if where == "questions" or not key else f"{key}.{path}".rstrip(".")
    return Problem(book.files.get(entry, entry), place, found, allowed)


def _names(ids: object) -> str:
    return ", ".join(sorted(ids)) if isinstance(ids, (set, dict)) else str(ids)


def _chapters(book: Book) -> Iterator[Problem]:
    for qid, question in book.questions.items():
        if question.chapter not in book.chapters:
            yield _at(book, f"questions/{qid}", "chapter", repr(question.chapter), _names(dict(book.chapters)))
    for chapter in set(book.after) - set(book.chapters):
        yield Problem("guide.yaml", "after", repr(chapter), _names(dict(book.chapters)))


def _questions(book: Book) -> Iterator[Problem]:
    orders: dict[int, str] = {}
    for qid, question in book.questions.items():
        entry = f"questions/{qid}"
        if question.order in orders:
            yield _at(book, entry, "order", f"{question.order} is taken by {orders[question.order]}", "its own place")
        orders[question.order] = qid
        lead = book.questions.get(question.card or "")
        if question.card and (not lead or lead.card or lead.only_if or lead.derived or lead.order > question.order):
            allowed = "an earlier question that has its own card and that everybody is asked"
            yield _at(book, entry, "card", repr(question.card), allowed)
        elif lead and lead.chapter != question.chapter:
            yield _at(book, entry, "card", repr(question.card), f"a question of the chapter {question.chapter!r}")
        if UNKNOWN in question.answers:
            yield _at(book, entry, f"answers.{UNKNOWN}", "is added by the app", "any other id")
        texts = [answer.text for answer in question.answers.values()]
        for text in {text for text in texts if texts.count(text) > 1}:
            yield _at(
                book, entry, "answers", f"two answers read {text!r}", "texts that differ: the browser sends the text"
            )
        for aid, answer in question.answers.items():
            for n, effect in enumerate(answer.effects):
                if effect.option not in book.options:
                    path = f"answers.{aid}.effects.{n}.option"
                    yield _at(book, entry, path, repr(effect.option), _names(dict(book.options)))


def _path(book: Book) -> Iterator[Problem]:
    for entry, path, found, allowed in misfits(book):
        yield _at(book, entry, path, found, allowed)


def _references(book: Book) -> Iterator[Problem]:
    for entry, path, ids in citations(book):
        for fact in ids:
            if fact not in book.facts:
                yield _at(book, entry, path, f"no fact is called {fact!r}", "the id of an entry in facts/")
    for entry, path, condition in conditions(book):
        for qid, allowed in condition.items():
            question = book.questions.get(qid)
            if question is None:
                yield _at(book, entry, path, f"no question is called {qid!r}", _names(dict(book.questions)))
                continue
            for aid in set(allowed) - {*question.answers, UNKNOWN}:
                yield _at(book, entry, f"{path}.{qid}", repr(aid), _names({*question.answers, UNKNOWN}))
            where, key = entry.split("/", 1)
            # What takes an effect back may be said later, or be another answer to the same question.
            asked = book.questions[key].order if where == "questions" and key in book.questions else None
            if asked is not None and not path.endswith(".unless") and question.order >= asked:
                yield _at(
                    book,
                    entry,
                    path,
                    f"{qid!r} is asked later",
                    "an earlier question: put the effect with the later one",
                )
    for where, allowed_options in (
        ("patterns", {*book.options, "level"}),
        ("needs", {*book.options, None}),
    ):
        for key, item in getattr(book, where).items():
            if item.option not in allowed_options:
                yield _at(book, f"{where}/{key}", "option", repr(item.option), _names({*book.options, "level"}))


def _idle(book: Book) -> Iterator[Problem]:
    """A question that changes nothing, a fact that nothing cites, a quantity that nobody can fill."""
    used = {qid for _, _, condition in conditions(book) for qid in condition}
    for qid, question in book.questions.items():
        answers = question.answers.values()
        if qid not in used and not any(answer.effects or answer.quantities or answer.limits for answer in answers):
            allowed = "an effect, a quantity or a condition"
            yield _at(book, f"questions/{qid}", "answers", "no answer changes anything", allowed)
    cited = {fact for _, _, ids in citations(book) for fact in ids}
    for fact in set(book.facts) - cited:
        yield _at(book, f"facts/{fact}", "", "nothing cites it", "a fact that an effect, need, pattern or row cites")
    known = {name for q in book.questions.values() for a in q.answers.values() for name in a.quantities}
    for key, need in book.needs.items():
        for name in _fields(need.what) - known - {"heartbeat"}:  # computed from the path
            yield _at(book, f"needs/{key}", "what", f"no answer gives the quantity {name!r}", _names(known))


def _fields(text: str) -> set[str]:
    """What stands in braces, with all that follows the name; what is not even a field stands for itself."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return {text}
    return {
        name + (f"!{how}" if how else "") + (f":{form}" if form else "")
        for _, name, form, how in parts
        if name is not None
    }


def _cases(book: Book) -> Iterator[Problem]:
    for key, case in book.cases.items():
        allowed = {*book.options, *book.outside, "level"}
        if case.expect not in allowed:
            yield _at(book, f"cases/{key}", "expect", repr(case.expect), _names(allowed))
        for qid, chosen in case.answers.items():
            question = book.questions.get(qid)
            if question is None:
                yield _at(book, f"cases/{key}", f"answers.{qid}", "no such question", _names(dict(book.questions)))
                continue
            for aid in set(chosen) - {*question.answers, UNKNOWN}:
                yield _at(book, f"cases/{key}", f"answers.{qid}", repr(aid), _names({*question.answers, UNKNOWN}))
            if len(chosen) > 1 and not question.multiple:
                yield _at(
                    book,
                    f"cases/{key}",
                    f"answers.{qid}",
                    f"{len(chosen)} answers",
                    "one: the question is not multiple",
                )


def _rows(book: Book) -> Iterator[Problem]:
    for key, row in book.rows.items():
        if set(row.cells) != set(book.options):
            yield _at(
                book,
                f"rows/{key}",
                "cells",
                _names(dict(row.cells)),
                f"one cell for each of {_names(dict(book.options))}",
            )
    for option in (*book.options, "level"):
        if not any(p.option == option and not p.when for p in book.patterns.values()):
            yield Problem(
                "patterns.yaml", "", f"no pattern of {option!r} without a condition", "a last pattern that always fits"
            )
    for key, outside in book.outside.items():
        if not outside.when and not outside.when_none_left:
            yield _at(book, f"outside/{key}", "when", "never given", "a condition, or when_none_left")
        if key in (*book.options, "level"):
            yield _at(book, f"outside/{key}", "", "is an option too", "an unused id")
    if sum(outside.when_none_left for outside in book.outside.values()) != 1:
        yield Problem(
            "outside.yaml", "", "when_none_left must be true once", "one entry for when every option is ruled out"
        )


def _of_files(book: Book) -> Iterator[Problem]:
    for file, path, found, allowed in (*misread(book), *misplaced(book), *misnamed(book)):
        yield Problem(file, path, found, allowed)
