"""Builds the Document of a workshop room from its RoomReport. The words of the report stand here and nowhere else.

First what the room did, then what was expected, measured and answered; last how it was measured and what that cannot
tell. To add a section, write a function that returns one and put it into SECTIONS.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

from guide.record.document import Block, Document, Items, Line, Paragraph, Section, Table, clean, line, strong
from guide.record.room_report import FEWEST, RoomChoice, RoomFigure, RoomReport, RoomRound, RoomSpread, RoomTotal

TOO_FEW = f"Too few people for figures: fewer than {FEWEST}."
KINDS = {"round": "a round", "ask": "questions", "talk": "a look at the screen"}
NOTHING = "–"
MOST_SAID = 4
"""Sentences of rounds that stand in the gist."""


def outline(report: RoomReport) -> Document:
    """The whole report."""
    return Document(
        title="What the room saw",
        status="",
        date=report.opened.astimezone(datetime.UTC).date(),
        deciders="",
        headline=clean(_headline(report)),
        decision=tuple(_gist(report)),
        sections=tuple(section(report) for section in SECTIONS),
        colophon=f"Made with Streamwise, rules {clean(report.rules)} ({clean(report.hash)}).",
        kicker="In short",
    )


def _headline(report: RoomReport) -> str:
    return f"{_people(report.people)}, {_rounds(len(report.rounds))}"


def _gist(report: RoomReport) -> Iterator[Line]:
    said = [one for one in report.rounds if one.so]
    yield from (line(strong(f"{clean(one.title)}:"), " ", one.so) for one in said[:MOST_SAID])
    if more := len(said[MOST_SAID:]):
        yield line(f"And {_rounds(more, 'more ')}: see What was measured.")
    if report.discuss:
        yield line("The room differs most on: ", "; ".join(report.discuss))
    if not said and not report.discuss:
        yield line("No round was played to its end.")


# --- what the room did ---


def _did(report: RoomReport) -> Section:
    opened = report.opened.astimezone(datetime.UTC)
    who = f"{_people(report.people)} joined."
    if report.simulated:
        who += f" {report.simulated} of them were simulated by a program, not people."
    when = f"The room was open on {opened:%Y-%m-%d} from {opened:%H:%M} UTC, for {report.minutes:.0f} minutes."
    steps = [line(f"{step.title}: {KINDS[step.kind]}{'' if step.done else ', left out'}.") for step in report.steps]
    return Section("What the room did", (Paragraph(line(f"{who} {when}")), *_list(steps)))


# --- predictions ---


def _expected(report: RoomReport) -> Section:
    rows = tuple(_prediction(one) for one in report.rounds)
    if not rows:
        return Section("What was expected, and what came", (Paragraph(line("No round was played.")),))
    told = "Each person chose one of the answers before the run. Whoever chose what came was right."
    table = Table(("Round", "Expected", "Came", "Right"), rows, numbers=())
    return Section("What was expected, and what came", (Paragraph(line(told)), table))


def _prediction(one: RoomRound) -> tuple[Line, ...]:
    came = line(one.came or "unknown")
    if one.few:
        return line(one.title), line(TOO_FEW), came, line(NOTHING)
    chose = sum(choice.count for choice in one.predictions)
    right = sum(choice.count for choice in one.predictions if choice.came)
    expected = _counts(one.predictions) if chose else line("Nobody chose.")
    return line(one.title), expected, came, line(f"{right} of {chose}" if chose and one.came else NOTHING)


def _counts(choices: tuple[RoomChoice, ...]) -> Line:
    return line("; ".join(f"{choice.label}: {choice.count}" for choice in choices))


# --- figures ---


def _measured(report: RoomReport) -> Section:
    told = (
        "Each cell holds the median of all people, and in brackets the quarter points: the 25th and the 75th "
        "percentile. So half of the people lie between them."
        if report.rounds
        else "Nothing was measured."
    )
    return Section("What was measured", (Paragraph(line(told)),), tuple(map(_round, report.rounds)))


def _round(one: RoomRound) -> Section:
    blocks: list[Block] = [Paragraph(line(f"{one.so} " if one.so else "", _who(one)))]
    if one.few:
        return Section(clean(one.title), (*blocks, Paragraph(line(TOO_FEW))))
    rows = [_figure_row(figure) for figure in one.figures] + [_total_row(total) for total in one.totals]
    if rows:
        blocks.append(Table(("Figure", "SSE", "WebSocket"), tuple(rows), numbers=(1, 2)))
    return Section(clean(one.title), tuple(blocks))


def _who(one: RoomRound) -> str:
    told = f"Told by {one.received} of {one.people} browsers."
    if one.simulated:
        told += f" {one.simulated} of them were simulated."
    if one.away:
        told += f" {_people(one.away)} had the page out of view in this round, and {_is(one.away)} left out."
    if one.blocked:
        told += f" For {_people(one.blocked)}, no WebSocket opened."
    return told


def _figure_row(figure: RoomFigure) -> tuple[Line, ...]:
    return line(figure.title), _spread(figure.sse, figure.unit), _spread(figure.websocket, figure.unit)


def _spread(spread: RoomSpread | None, unit: str) -> Line:
    if spread is None:
        return line(NOTHING)
    if spread.low == spread.high:
        return line(_number(spread.median, unit))
    return line(f"{_number(spread.median, unit)} [{_number(spread.low)}..{_number(spread.high)}]")


def _total_row(total: RoomTotal) -> tuple[Line, ...]:
    pairs = ((total.sse_tokens, total.sse_people), (total.websocket_tokens, total.websocket_people))
    cells = (f"{tokens:,} tokens, {_people(people)}" if tokens else "0" for tokens, people in pairs)
    return line(f"{total.title}, all together"), *map(line, cells)


def _number(value: float, unit: str = "") -> str:
    number = f"{value:.1f}" if abs(value) < 10 and value != int(value) else f"{value:,.0f}"
    return f"{number} {unit}".rstrip()


# --- answers ---


def _answers(report: RoomReport) -> Section:
    title = "What was answered, and where the room differs"
    if report.answered == 0:
        return Section(title, (Paragraph(line("No questions were asked.")),))
    if report.answered < FEWEST:
        return Section(title, (Paragraph(line(TOO_FEW)),))
    blocks: list[Block] = [
        Paragraph(
            line(
                f"{_people(report.answered)} answered. Difference: the share of people who did not choose the "
                "commonest answer. A question is decisive if the two commonest answers change the recommendation."
            )
        )
    ]
    rows = tuple(
        (line(one.title), _counts(one.answers), line(f"{one.disagreement:.0%}"), line("yes" if one.decisive else "no"))
        for one in report.questions
    )
    if rows:
        blocks.append(Table(("Question", "Answers", "Difference", "Decisive"), rows))
    if report.verdicts:
        blocks.append(
            Paragraph(line("With each person's own answers, the guide says: ", _counts(report.verdicts), "."))
        )
    if report.discuss:
        blocks.append(Paragraph(line("Discuss these first: ", "; ".join(report.discuss))))
    return Section(title, tuple(blocks))


def _stuck(report: RoomReport) -> Section:
    items = [line(f"{one.title}: {_people(one.people)} at most.") for one in report.stuck]
    nobody = (Paragraph(line("Nobody said that they were stuck.")),)
    return Section("Where people were stuck", _list(items) or nobody)


# --- method ---

LIMITS = (
    "Each browser told what it saw: when each event came, and its number. The server counted this against its own run.",
    "A browser can tell something wrong. Nobody can check that it read what it says.",
    "All people of a round read the same run, unless the round says otherwise. So their figures are not independent.",
    "A browser's clock is exact to 0.1 to 1 ms. Clocks of two machines are never compared.",
    "Lateness is how much later an event came than the promptest one on the same stream. "
    "What everybody met at the same event is the server's doing and is taken off.",
    "Whose page was out of view is left out of the spread, since browsers slow down such pages.",
    "Nothing was written to disk while the room was open, and no name was asked for.",
)


def _method(report: RoomReport) -> Section:
    items = [line(one) for one in LIMITS]
    if report.simulated:
        items.append(
            line(
                f"{report.simulated} of {report.people} people were simulated: a program on the presenter's machine, "
                "without a browser and without a network between."
            )
        )
    return Section("How it was measured, and what that cannot tell", _list(items))


def _versions(report: RoomReport) -> Section:
    versions = "; ".join(f"{name} {version}" for name, version in report.versions.items())
    told = [f"Rules {report.rules}, hash {report.hash}."] + ([f"Versions: {versions}."] if versions else [])
    return Section("Versions", (Paragraph(line(" ".join(told))),))


SECTIONS: tuple[Callable[[RoomReport], Section], ...] = (
    _did, _expected, _measured, _answers, _stuck, _method, _versions,
)  # fmt: skip
"""The report, in order."""


def _list(items: list[Line]) -> tuple[Block, ...]:
    return (Items(tuple(items)),) if items else ()


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def _rounds(count: int, more: str = "") -> str:
    return f"{count} {more}{'round' if count == 1 else 'rounds'}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
