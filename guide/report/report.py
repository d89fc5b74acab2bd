"""Turns a Verdict into a Report, which every page and every export renders.

All texts are resolved and all sources numbered here, so that a page, a Markdown file and a JSON file cannot disagree.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from guide.book import Book
from guide.decision import proxy_configs as configs
from guide.decision import starter
from guide.decision.engine import DECIDED, Verdict, asked_questions, changed, client, decide, needs, pattern
from guide.decision.path import HEARTBEAT, USUAL_HEARTBEAT, passage
from guide.decision.plan import Reason, plan
from guide.decision.what_if import Turn, turning_points, worth_finding
from guide.model import UNKNOWN, Answers, Fact, Force, Lane, StarterLack, StepId
from guide.report import sureness
from guide.report.path import ReportPath, cross


@dataclass(frozen=True)
class Cited:
    """A fact with the number under which its sources stand at the end."""

    id: str
    number: int
    fact: Fact


@dataclass(frozen=True)
class ReportReason:
    """An effect that applied, in words."""

    question: str
    option: str
    option_name: str
    force: Force
    said: str
    because: str
    supports: bool
    """Whether it speaks for what the guide recommends."""
    cited: tuple[Cited, ...]


@dataclass(frozen=True)
class ReportAnswer:
    question: str
    chapter: str
    title: str
    ask: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class ReportNeed:
    id: str
    title: str
    what: str
    confirm: str
    option_name: str
    """The transport for which alone it is needed; empty where it is needed on any."""
    step: StepId
    """The step of the work to which it belongs."""
    see: str
    """The scenario of the lab that shows it; empty where none does."""
    cited: tuple[Cited, ...]

    @property
    def brief(self) -> str:
        """Its first sentence, which says what to do."""
        return re.split(r"(?<=[.!?])\s+(?=[A-Z`])", self.what.strip(), maxsplit=1)[0]


@dataclass(frozen=True)
class ReportCost:
    """What the design costs, whatever speaks for it."""

    text: str
    cited: tuple[Cited, ...]


@dataclass(frozen=True)
class ReportRow:
    title: str
    cells: tuple[str, ...]
    cited: tuple[Cited, ...]


@dataclass(frozen=True)
class ReportTurn:
    """A change of answers that leads elsewhere, as a sentence and as answers."""

    when: str
    parts: tuple[str, ...]
    """The changed answers that `when` joins."""
    becomes: str
    becomes_name: str
    answers: dict[str, tuple[str, ...]]
    size: int = 1
    """How many answers change."""


@dataclass(frozen=True)
class ReportUnknown:
    """A 'not sure' that is worth finding out."""

    question: str
    ask: str
    help: str
    """How to find out."""
    turns: tuple[ReportTurn, ...]
    """What its answers would lead to, where that is another choice."""


@dataclass(frozen=True)
class ReportFile:
    """One file of the starter project."""

    path: str
    what: str
    step: StepId | None
    """The step of the work that names it; None: none does."""
    shown: bool
    """Whether its text can be read on the screen."""
    told: bool
    """Whether the project's README names it."""


@dataclass(frozen=True)
class ReportProject:
    """The small project to start from."""

    option: str
    option_name: str
    axes: Mapping[str, str]
    """In which of its forms it is built."""
    program: str
    """The first of them: how it carries the stream."""
    files: tuple[ReportFile, ...]
    left: tuple[str, ...]
    """Ids of the needs that it does not fulfil."""
    lacks: tuple[StarterLack, ...]
    """What else it does not do, or does otherwise than the design."""


@dataclass(frozen=True)
class ReportClash:
    """Answers that do not go together."""

    sentence: str
    cited: tuple[Cited, ...]


@dataclass(frozen=True)
class Report:
    """Everything that can be said about one set of answers."""

    verdict: Verdict
    chosen: str
    """What reasons, needs and lanes are about: the recommendation, or what the deciders chose instead."""
    name: str
    headline: str
    sentence: str
    beyond: str
    """What was said that leads beyond the two transports; empty where one of them, or level, is the answer."""
    aside: bool
    """Whether what was weighed did not decide: all of it then stands in `against`, and is no consequence."""
    pattern_name: str
    lanes: tuple[Lane, ...]
    pattern_cited: tuple[Cited, ...]
    reasons: tuple[ReportReason, ...]
    against: tuple[ReportReason, ...]
    costs: tuple[ReportCost, ...]
    """Of the design that the report is about."""
    rows: tuple[ReportRow, ...]
    columns: tuple[str, ...]
    """The options, by name."""
    designs: tuple[str, ...]
    """The same, each by the shape that it takes with these answers: what the cells of `rows` are about."""
    needs: tuple[ReportNeed, ...]
    turns: tuple[ReportTurn, ...]
    unknowns: tuple[ReportAnswer, ...]
    missing: tuple[ReportAnswer, ...]
    answers: tuple[ReportAnswer, ...]
    sources: tuple[Cited, ...]
    names: dict[str, str]
    """What each possible choice is called."""
    shapes: dict[str, str]
    """The options to choose among, each by the shape that it takes with these answers."""
    version: str
    hash: str
    raw: dict[str, tuple[str, ...]]
    strength: str
    """How sure the recommendation is, in words."""
    basis: tuple[str, ...]
    """What that rests on, in sentences."""
    session: str
    """What to say of transport and session design where the one matters less than the other; empty where it decides."""
    path: ReportPath[Cited]
    clashes: tuple[ReportClash, ...]
    worth: tuple[ReportUnknown, ...]
    """Of the `unknowns`, those whose answer leads to another choice."""
    projects: tuple[ReportProject, ...]
    """The project to start from; where the choice is level, one for each transport; none beyond the two."""
    configs: tuple[configs.ReportConfig, ...]
    """Of the proxies in the path that can be run: the very files that were."""


class _Citations:
    """Numbers facts in the order in which they are first cited."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.cited: dict[str, Cited] = {}

    def __call__(self, ids: Iterable[str]) -> tuple[Cited, ...]:
        for fact in ids:
            if fact not in self.cited:
                self.cited[fact] = Cited(fact, len(self.cited) + 1, self.book.facts[fact])
        return tuple(self.cited[fact] for fact in ids)


def name(book: Book, choice: str) -> str:
    """What a choice is called on screen."""
    if choice in book.options:
        return book.options[choice].name
    return book.outside[choice].name if choice in book.outside else book.words["verdict.level"]


def joined(parts: Iterable[str], word: str) -> str:
    """'a', 'a and b', 'a, b and c'."""
    *head, last = parts
    return f"{', '.join(head)} {word} {last}" if head else last


def build(book: Book, answers: Answers, chosen: str | None = None) -> Report:
    """The report on these answers under today's rules.

    `chosen`: what the deciders take, where it is not the recommendation. The verdict stays as it is; which reasons
    speak for or against, what must be built and what is drawn follow the choice.
    """
    verdict = decide(book, answers)
    chosen = chosen or verdict.choice
    cite = _Citations(book)
    headline, sentence, pattern_name, lanes, pattern_facts = _recommendation(book, verdict)
    if chosen != verdict.choice:
        pattern_name, lanes, pattern_facts = _design(book, answers, chosen)
    pattern_cited = cite(pattern_facts)
    reasons = _reasons(book, verdict, chosen, cite)
    aside = bool(beyond := _beyond(book, verdict, answers)) and chosen == verdict.choice
    said = [_answer(book, qid, answers.get(qid, ())) for qid in asked_questions(book, answers)]
    path = cross(book, verdict, chosen, cite)
    readers = {option: client(book, answers, option) or "" for option in book.options}
    numbers = _Numbers(book, verdict)
    clashes = tuple(ReportClash(book.clashes[key].sentence, cite(book.clashes[key].facts)) for key in verdict.clashes)
    return Report(
        verdict=verdict,
        chosen=chosen,
        name=name(book, verdict.choice),
        headline=headline,
        sentence=sentence,
        beyond=beyond,
        aside=aside,
        pattern_name=pattern_name,
        lanes=lanes,
        pattern_cited=pattern_cited,
        reasons=tuple(r for r in reasons if r.supports and not aside),
        against=tuple(r for r in reasons if aside or not r.supports),
        costs=_costs(book, answers, chosen, cite),
        rows=tuple(_row(book, key, readers, cite) for key in verdict.rows),
        columns=tuple(option.name for option in book.options.values()),
        designs=tuple(_design(book, answers, key)[0] for key in book.options),
        needs=tuple(_need(book, key, numbers, cite) for key in _sorted_needs(book, answers, chosen)),
        turns=tuple(_turn(book, turn, answers) for turn in turning_points(book, answers)),
        unknowns=tuple(a for a in said if a.question in verdict.unknowns),
        missing=tuple(a for a in said if a.question in verdict.missing),
        answers=tuple(said),
        sources=tuple(cite.cited.values()),
        names={k: o.name for k, o in book.options.items()} | {k: o.name for k, o in book.outside.items()},
        shapes={k: _design(book, answers, k)[0] for k in (*book.options, *({verdict.choice} & set(book.outside)))},
        version=book.version,
        hash=book.hash,
        raw={a.question: tuple(answers[a.question]) for a in said if answers.get(a.question)},
        strength=sureness.strength(book, verdict),
        basis=sureness.basis(book, verdict),
        session=_session(book, verdict),
        path=path,
        clashes=clashes,
        worth=tuple(_worth(book, qid, turns, answers) for qid, turns in worth_finding(book, answers)),
        projects=tuple(_project(book, answers, one) for one in starter.variants(book, answers, chosen)),
        configs=configs.in_path(book, verdict.live),
    )


def _recommendation(book: Book, verdict: Verdict) -> tuple[str, str, str, tuple[Lane, ...], tuple[str, ...]]:
    """(headline, sentence, pattern's name, lanes, facts)"""
    if verdict.kind == "outside":
        outside = book.outside[verdict.choice]
        return outside.name, outside.sentence, outside.name, (), outside.facts
    shape = book.patterns[verdict.pattern or ""]
    if verdict.kind == "level" and not verdict.reasons:  # nothing was weighed: that is not a tie
        return book.words["verdict.open"], book.words["verdict.open_long"], shape.name, shape.lanes, shape.facts
    headline = shape.name if verdict.kind == "option" else book.words["verdict.level"]
    return headline, shape.sentence, shape.name, shape.lanes, shape.facts


def _session(book: Book, verdict: Verdict) -> str:
    """Said where something was weighed and came out level or nearly so."""
    if verdict.kind == "level" and verdict.reasons:
        return book.words["verdict.session_level"]
    weighed = verdict.kind == "option" and not any(standing.ruled_out for standing in verdict.standings)
    return book.words["verdict.session_leaning"] if weighed and verdict.margin < DECIDED else ""


def _worth(book: Book, qid: str, turns: tuple[Turn, ...], answers: Answers) -> ReportUnknown:
    question = book.questions[qid]
    return ReportUnknown(qid, question.ask, question.help, tuple(_turn(book, turn, answers) for turn in turns))


def _beyond(book: Book, verdict: Verdict, answers: Answers) -> str:
    when = book.outside[verdict.choice].when if verdict.kind == "outside" else {}
    said = [book.questions[qid].answers[aid].said for qid in when for aid in answers[qid] if aid in when[qid]]
    return joined(said, book.words["verdict.and"]) if said else ""


def _design(book: Book, answers: Answers, chosen: str) -> tuple[str, tuple[Lane, ...], tuple[str, ...]]:
    """(name, lanes, facts) of a choice that is not the recommended one."""
    key = pattern(book, answers, chosen)
    if key:
        return book.patterns[key].name, book.patterns[key].lanes, book.patterns[key].facts
    return name(book, chosen), (), book.outside[chosen].facts if chosen in book.outside else ()


def _costs(book: Book, answers: Answers, chosen: str, cite: _Citations) -> tuple[ReportCost, ...]:
    shape = pattern(book, answers, chosen)
    return tuple(ReportCost(cost.text, cite(cost.facts)) for cost in (book.patterns[shape].costs if shape else ()))


def _reasons(book: Book, verdict: Verdict, chosen: str, cite: _Citations) -> list[ReportReason]:
    """Strongest first; each says whether it speaks for the choice."""
    weight = {Force.RULES_OUT: 0, Force.STRONGLY_FAVOURS: 1, Force.FAVOURS: 2, Force.WEAKENS: 3}
    out = []
    for reason in sorted(verdict.reasons, key=lambda r: weight[r.effect.force]):
        helps = reason.effect.force in (Force.FAVOURS, Force.STRONGLY_FAVOURS)
        out.append(
            ReportReason(
                question=reason.question,
                option=reason.effect.option,
                option_name=book.options[reason.effect.option].short,
                force=reason.effect.force,
                said=_said(book, reason, verdict),
                because=reason.effect.because,
                # With level or outside there is no side to take: every reason is shown as a reason.
                supports=chosen not in book.options or helps == (reason.effect.option == chosen),
                cited=cite(reason.effect.facts),
            )
        )
    return out


def _project(book: Book, answers: Answers, variant: starter.Variant) -> ReportProject:
    known = {path: book.starter.files[path] for path in variant.files}
    built = {id for id, axes in book.starter.built.items() if starter.fits_axes(axes, variant.axes)}
    return ReportProject(
        option=variant.option,
        option_name=book.options[variant.option].short,
        axes=variant.axes,
        program=next(iter(variant.axes.values())),
        files=tuple(ReportFile(path, file.what, file.step, file.shown, file.told) for path, file in known.items()),
        left=tuple(id for id in needs(book, answers, variant.option) if id not in built),
        lacks=starter.lacking(book, answers, variant),
    )


def _said(book: Book, reason: Reason, verdict: Verdict) -> str:
    """The answer as somebody would report it; what follows from the path names the part that it follows from."""
    said = book.questions[reason.question].answers[reason.answer].said
    if not book.questions[reason.question].derived:
        return said
    path = plan(book).path or ""
    parts = [
        book.questions[path].answers[aid].text
        for aid in verdict.live[path]
        if reason.answer in plan(book).flags((aid,), verdict.quantities)
    ]
    return f"{said} ({', '.join(parts)})" if parts else said


def _row(book: Book, key: str, readers: Mapping[str, str], cite: _Citations) -> ReportRow:
    """One line of the comparison. A cell is about the client that reads the stream, where that makes a difference.

    `readers`: what reads each option's stream.
    """
    row = book.rows[key]
    cells = tuple(row.clients.get(readers[option], row.cells[option]) for option in book.options)
    return ReportRow(row.title, cells, cite(row.facts))


def _sorted_needs(book: Book, answers: Answers, chosen: str) -> list[str]:
    return sorted(needs(book, answers, chosen), key=lambda key: book.needs[key].option is not None)


def _need(book: Book, key: str, numbers: _Numbers, cite: _Citations) -> ReportNeed:
    need = book.needs[key]
    what = string.Formatter().vformat(need.what, (), numbers)
    return ReportNeed(
        id=key,
        title=need.title,
        what=what,
        confirm=need.confirm,
        option_name=book.options[need.option].short if need.option else "",
        step=need.step,
        see=need.see or "",
        cited=cite(need.facts),
    )


class _Numbers(dict[str, str]):
    """Quantities in words: 'up to 300 s', or that nobody knows. The heartbeat is the one that the path asks for."""

    def __init__(self, book: Book, verdict: Verdict) -> None:
        known = book.words["verdict.quantity"]
        super().__init__({key: known.format(number=f"{value:g}") for key, value in verdict.quantities.items()})
        for qid, aid in ((qid, aid) for qid, chosen in verdict.live.items() for aid in chosen if aid != UNKNOWN):
            for key, quantity in book.questions[qid].answers[aid].quantities.items():
                if quantity.over is not None and quantity.value == verdict.quantities[key]:
                    self[key] = book.words["verdict.quantity_over"].format(number=f"{quantity.over:g}")
        found = passage(book, tuple(verdict.live.get(plan(book).path or "", ())), verdict.quantities)
        self[HEARTBEAT] = f"{found.heartbeat or USUAL_HEARTBEAT:g} s"
        self.missing = book.words["verdict.quantity_unknown"]

    def __missing__(self, key: str) -> str:
        return self.missing


def _answer(book: Book, qid: str, chosen: tuple[str, ...]) -> ReportAnswer:
    question = book.questions[qid]
    texts = tuple(
        book.words["answer.unknown"] if aid == UNKNOWN else question.answers[aid].text
        for aid in chosen
        if aid == UNKNOWN or aid in question.answers
    )
    return ReportAnswer(qid, question.chapter, question.title, question.ask, texts)


def _turn(book: Book, turn: Turn, answers: Answers) -> ReportTurn:
    said = [book.questions[qid].answers[aid].said for qid, aid in turn.changes]
    live = plan(book).visible(answers)[1]  # what lies behind another answer must not come back with the change
    after = {qid: chosen for qid, chosen in live.items() if not book.questions[qid].derived}
    for qid, aid in turn.changes:
        after = changed(book, after, qid, aid)
    when = joined(said, book.words["verdict.and"])
    return ReportTurn(when, tuple(said), turn.becomes, name(book, turn.becomes), after, len(turn.changes))
