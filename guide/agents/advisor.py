"""Answers the five questions of a program or an agent: what is asked, the verdict, an entry, a search, the files.

A pure function of (book, arguments): nothing is stored, and an answer that is not given is never guessed.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import cached_property, lru_cache

from guide.agents.bounds import bounded
from guide.agents.entries import explanation, ids
from guide.agents.replies import (
    Choice,
    Decision,
    Explanation,
    File,
    FileLine,
    Files,
    Found,
    Hit,
    NeedLine,
    OpenLine,
    QuestionDetail,
    QuestionLine,
    Questions,
    ReasonLine,
    SettingLine,
    TurnLine,
)
from guide.book import Book
from guide.book.link import read_answers
from guide.record.exports import formats
from guide.report.report import Report, build
from guide.search.entries import KINDS, entries
from guide.search.index import Index
from guide.search.terms import LONGEST_SEARCH
from guide.starter.project import drafted, make, on_one_transport

MOST_LISTED = 15
"""Answers of a question up to which they are listed."""
MOST_REASONS, MOST_SETTINGS, MOST_TURNS = 8, 6, 5
MOST_HITS = 10
KEPT = 32
"""Reports that are kept, the latest ones."""
HOW = (
    "id: question, then the allowed answers. * several answers may be given. Each question also has the answer "
    "unknown. Give only what the repository or the human says."
)


class AdvisorError(ValueError):
    """An argument that cannot be; the text says what is allowed."""


class Advisor:
    """Answers on one book. `today`: the day that stands in records and projects."""

    def __init__(self, book: Book, today: Callable[[], datetime.date]) -> None:
        self.book = book
        self._today = today
        # Whoever has a verdict asks for its files next, and then for one of them.
        self._built = lru_cache(KEPT)(lambda answers, chosen: build(book, dict(answers), chosen))

    @cached_property
    def _index(self) -> Index:
        return Index(entries(self.book))

    def list_questions(self, detail: str = "") -> Questions | QuestionDetail:
        """Every question with the ids of its answers; or one of them in words, by its id."""
        asked = {qid: question for qid, question in self.book.questions.items() if not question.derived}
        if not detail:
            lines = tuple(
                QuestionLine(
                    id=qid,
                    ask=question.ask,
                    several=question.multiple,
                    answers=tuple(question.answers) if len(question.answers) <= MOST_LISTED else (),
                )
                for qid, question in asked.items()
            )
            return Questions(how=HOW, questions=lines)
        if detail not in asked:
            raise AdvisorError(unknown("question", detail, asked, "list_questions names all"))
        question = asked[detail]
        return QuestionDetail(
            id=detail,
            ask=question.ask,
            why=question.why,
            help=question.help,
            several=question.multiple,
            asked_only_if="; ".join(f"{qid} is {' or '.join(allowed)}" for qid, allowed in question.only_if.items()),
            answers=tuple(Choice(id=aid, says=a.text, hint=a.hint or "") for aid, a in question.answers.items()),
        )

    def decide(self, answers: object, chosen: str = "", brief: bool = True) -> Decision:
        """The verdict on these answers. `chosen`: a transport that needs and settings shall be about instead."""
        report = self._report(answers, chosen)
        verdict = report.verdict
        turning = dict.fromkeys((*verdict.turnable, *(one.question for one in report.worth)))
        asked = {qid: self.book.questions[qid].ask for qid in turning}
        return Decision(
            choice=verdict.choice,
            strength=verdict.strength,
            margin=verdict.margin,
            headline=report.headline,
            sentence=report.sentence,
            chosen=report.chosen,
            clashes=tuple(clash.sentence for clash in report.clashes),
            reasons=tuple(
                ReasonLine(
                    side="for" if one.supports else "against",
                    because=f"{one.option_name} ({one.force.value}): {one.said}, and {one.because}",
                    facts=tuple(cited.id for cited in one.cited),
                )
                for one in (*report.reasons, *report.against)[:MOST_REASONS]
            ),
            heartbeat_s=report.path.heartbeat,
            settings=tuple(
                SettingLine(where=one.tier, setting=one.setting) for one in report.path.settings[:MOST_SETTINGS]
            ),
            needs=tuple(NeedLine(id=need.id, what=need.brief) for need in report.needs),
            turns=tuple(TurnLine(when=one.when, becomes=one.becomes) for one in report.turns[:MOST_TURNS]),
            ask_the_human=tuple(OpenLine(id=qid, ask=ask) for qid, ask in asked.items()),
            not_given=tuple(qid for qid in verdict.missing if qid not in asked),
            rules=f"{report.version} ({report.hash})",
            brief=brief,
        )

    def explain(self, id: str) -> Explanation:
        """One entry of the guide, by its id: a fact, a need, a symptom, an answer as `question.answer`, and others."""
        found = explanation(self.book, id)
        if found is None:
            raise AdvisorError(unknown("entry", id, ids(self.book), "search finds ids"))
        return found

    def search(self, query: str, limit: int = 5, kind: str = "") -> Found:
        """What the guide says about these words: symptoms with their cures, facts, needs, products, settings."""
        if not query.strip():
            raise AdvisorError("query is empty. Allowed: an error text, a product, a setting, or what one sees")
        if len(query) > LONGEST_SEARCH:
            raise AdvisorError(f"query has {len(query)} characters. Allowed: {LONGEST_SEARCH}; use the telling words")
        if not 1 <= limit <= MOST_HITS:
            raise AdvisorError(f"limit is {limit}. Allowed: a whole number from 1 to {MOST_HITS}")
        if kind and kind not in KINDS:
            raise AdvisorError(unknown("kind", kind, KINDS))
        hits = [hit.entry for hit in self._index.search(query, (kind,) if kind else ())]
        listed = tuple(Hit(kind=one.kind, id=one.id, title=one.title, summary=one.summary) for one in hits[:limit])
        return Found(query=query, found=len(hits), hits=listed)

    def get_files(self, answers: object, name: str = "", transport: str = "") -> Files | File:
        """The files that these answers lead to, or the text of one: record, starter project, proxy configurations."""
        texts = self._files(self._report(answers), transport)
        if not name:
            lines = tuple(FileLine(name=one, what=what, characters=len(text)) for one, (what, text) in texts.items())
            return Files(about=f"{len(lines)} files", files=lines)
        if name not in texts:
            raise AdvisorError(unknown("file", name, texts, "get_files without a name lists them"))
        return File(name=name, content=texts[name][1])

    def _report(self, answers: object, chosen: str = "") -> Report:
        found = given(self.book, answers)
        key = tuple(sorted(found.items()))
        report = self._built(key, None)
        if not chosen or chosen == report.verdict.choice:
            return report
        if chosen not in self.book.options:
            raise AdvisorError(unknown("choice", chosen, self.book.options))
        return self._built(key, chosen)

    def _files(self, advice: Report, transport: str) -> dict[str, tuple[str, str]]:
        """name -> (what it is, its text)"""
        day = self._today()
        if advice.verdict.kind == "outside":
            report, found = advice, dict[str, tuple[str, str]]()
        else:
            try:
                report = on_one_transport(self.book, advice, transport or None, "transport")
            except ValueError as error:
                raise AdvisorError(str(error)) from None
            told = {file.path: file.what for project in report.projects for file in project.files}
            project = make(self.book, report, day)
            found = {f"starter/{path}": (told[path], text.decode()) for path, text in project.files.items()}
        record = drafted(report, day)
        written = {f"record.{form.suffix}": form for form in formats() if form.text}
        found |= {name: (form.label, form.render(report, record).decode()) for name, form in written.items()}
        for config in report.configs:
            for name, text in config.files:
                found[f"proxy/{config.id}/{name}"] = (f"recommended configuration of {config.id}, as it was run", text)
        return found


def advisor_of_today(book: Book) -> Advisor:
    """One by the clock of this machine."""
    return Advisor(book, lambda: datetime.datetime.now(datetime.UTC).date())


def given(book: Book, answers: object) -> dict[str, tuple[str, ...]]:
    """The answers that were given, checked.

    Raises:
        AdvisorError: with each mistake, what is allowed, and the nearest id.
    """
    try:
        return read_answers(answers, book)
    except ValueError as error:
        raise AdvisorError(bounded(str(error).splitlines(), "fewer answers")) from None


def unknown(kind: str, found: str, allowed: Iterable[str], where: str = "") -> str:
    """A sentence that names what is allowed: the nearest first, all where they are few, else `where` to find them."""
    every = [*allowed]
    near = get_close_matches(found, every, 3, 0.5) or [one for one in every if found and found in one][:3]
    nearest = f" Nearest: {', '.join(near)}." if near else ""
    listed = f" Allowed: {', '.join(every)}." if len(every) <= MOST_LISTED else f" Allowed: {where}."
    return f"no {kind} is called {found[:60]!r}.{nearest}{listed}"
