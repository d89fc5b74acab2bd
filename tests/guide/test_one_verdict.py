"""One verdict, one truth: whatever speaks from it says the same, for every case and for many random answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import pytest
from hypothesis import given, settings

from guide import book as books
from guide.decision.agreement import agreements
from guide.decision.engine import LEVEL, client, decide, needs
from guide.decision.lab_scenario import shown
from guide.model import Answers, Trouble
from guide.report.report import Report, build
from tests.every import every
from tests.guide.report.step_problems import step_problems
from tests.guide.worlds import partial

OURS = books.book()
MANY = 2000
"""Random sets of answers, besides all cases."""
RESUMES = re.compile(
    r"resum|Last-Event-ID|where it stopped|last id|shared log|from its number|(client|page) goes on\b", re.IGNORECASE
)
EVERY = re.compile(r"at least every ([\d.]+) s\b")
READERS = {"sse": "eventsource", "fetch": "fetch", "post": "post", "websocket": "websocket", "fallback": "websocket"}
"""How a project carries the stream -> the client of the design for which it is made."""
OF_EVENTSOURCE = ("reconnect", "crash", "preflight", "auth", "slow-reader", "event-names", "back-button")
"""Rows of the comparison whose cells are about one client."""
Find = Callable[[Answers, Report], Iterator[str]]


def excluded_needs(answers: Answers, report: Report) -> Iterator[str]:
    """Needs of which no design has both, for each side that could be taken."""
    for option in (*OURS.options, LEVEL):
        asked = set(needs(OURS, answers, option))
        for key, exclusion in OURS.exclusions.items():
            if set(exclusion.needs) <= asked:
                yield f"{option}: {key}: {exclusion.because}"


def heartbeats(answers: Answers, report: Report) -> Iterator[str]:
    """The path's, the need's and the lab's."""
    needed = next((need for need in report.needs if need.id.startswith("heartbeat")), None)
    if (needed is None) != (report.path.heartbeat is None) and report.verdict.missing == ():
        yield f"the path asks for {report.path.heartbeat}, the needs for {needed}"
    said = EVERY.search(needed.what) if needed else None
    if said and report.path.heartbeat and float(said[1]) != report.path.heartbeat:
        yield f"every {said[1]} s in the needs, {report.path.heartbeat} s in the path"
    played = shown(OURS, report.verdict).numbers
    if played.get("heartbeat") != report.path.heartbeat:
        yield f"the lab plays {played.get('heartbeat')}, the path asks for {report.path.heartbeat}"


def limits(answers: Answers, report: Report) -> Iterator[str]:
    """The lab's limit on silence is the shortest one of the path that bites."""
    biting = [x.after for x in report.path.limits if x.trouble is Trouble.SILENCE and x.bites and x.after]
    if shown(OURS, report.verdict).numbers.get("limit") != min(biting, default=None):
        yield f"the lab plays {shown(OURS, report.verdict).numbers}, the path has {biting}"


def clients(answers: Answers, report: Report) -> Iterator[str]:
    """Comparison, needs, starter project and lab are about the client of the design."""
    reader = client(OURS, answers, "sse") or ""
    at = list(OURS.options).index("sse")
    for key, row in zip(report.verdict.rows, report.rows, strict=True):
        if key in OF_EVENTSOURCE and reader != "eventsource" and "EventSource" in row.cells[at]:
            yield f"{key}: {row.cells[at]!r} is about EventSource, the design about {reader}"
    if report.verdict.choice == "sse":
        for need in report.needs:
            allowed = OURS.needs[need.id].clients
            if allowed and reader not in allowed:
                yield f"{need.id} is for {allowed}, the design for {reader}"
    for project in report.projects:
        if READERS[project.program] != client(OURS, answers, project.option):
            yield f"the project is {project.program}, the design for {client(OURS, answers, project.option)}"
    if shown(OURS, report.verdict).reader != (reader or "eventsource"):
        yield f"the lab begins with {shown(OURS, report.verdict).reader}, the design has {reader}"


def reconnects(answers: Answers, report: Report) -> Iterator[str]:
    """Nothing resumes where no log is kept."""
    if report.verdict.kind != "option" or "event-log" in {need.id for need in report.needs}:
        return
    if answers.get("resume", ("unknown",)) == ("unknown",) or "resume" in answers.get("resume", ()):
        return
    told = {"the sentence": report.sentence, **{need.id: f"{need.what} {need.confirm}" for need in report.needs}}
    told |= {reason.said: reason.because for reason in report.reasons}
    told |= {lane.label: lane.detail for lane in report.lanes}
    for name, text in told.items():
        if RESUMES.search(text) and "Nothing is resumed" not in text:
            yield f"{name} speaks of resuming, and there is no log: {text!r}"


def turns(answers: Answers, report: Report) -> Iterator[str]:
    """No two changes read the same."""
    said = [turn.when for turn in report.turns]
    for twice in {one for one in said if said.count(one) > 1}:
        yield f"two turning points read {twice!r}"


FINDS: Mapping[str, Find] = {
    find.__name__: find for find in (excluded_needs, heartbeats, limits, clients, reconnects, turns, step_problems)
}


def found(answers: Answers) -> list[str]:
    report = build(OURS, answers)
    return [f"{name}: {one}" for name, find in FINDS.items() for one in find(answers, report)]


@every("case", OURS.cases)
def test_every_case_is_told_one_truth(case: str) -> None:
    assert found(OURS.cases[case].answers) == []


@settings(max_examples=MANY, deadline=None)
@given(partial(OURS))
def test_any_answers_are_told_one_truth(answers: Answers) -> None:
    assert found(answers) == []


CONTRADICTIONS: Mapping[str, Answers] = {
    "a run that ends with its client, beside runs that outlive the function": {
        "uplink": ("nothing",), "hosting": ("serverless",), "duration": ("quarter",), "resume": ("resume",),
        "disconnect": ("stop",),
    },
    "no event log, beside a position in the address of EventSource": {
        "uplink": ("controls",), "clients": ("browsers",), "auth": ("cookie",), "resume": ("restart",),
    },
    "every reader from the same log, and no log": {
        "uplink": ("controls",), "resume": ("restart",), "devices": ("watch",), "disconnect": ("keep",),
    },
    "reconnect built in and no preflight, under a stream read with fetch": {
        "uplink": ("controls",), "clients": ("browsers",), "auth": ("header",), "resume": ("resume",),
    },
    "a limit and a heartbeat in the lab that the recommendation does not know": {
        "uplink": ("controls",), "silence": ("minutes",), "path": ("cloudfront", "aws-alb"),
    },
    "two turning points with one text": {"uplink": ("controls",), "hosting": ("one",), "path": ("nothing",)},
}  # fmt: skip
"""What one record said against itself before; each is an instance of one of the checks above."""


@pytest.mark.parametrize("told", CONTRADICTIONS)
def test_what_contradicted_itself_before_does_so_no_more(told: str) -> None:
    assert found(CONTRADICTIONS[told]) == []


def test_a_log_follows_from_readers_and_from_runs_that_go_on() -> None:
    told = CONTRADICTIONS["every reader from the same log, and no log"]
    assert {"event-log", "second-reader", "detached-run"} <= set(needs(OURS, told, "sse"))


def test_a_stop_by_post_is_not_said_to_be_as_fast_as_a_message() -> None:
    """Its time was not measured."""
    cells = OURS.rows["stop"].cells["sse"]
    assert "We did not time a POST" in cells
    because = OURS.questions["uplink"].answers["controls"].effects[0].because
    assert "as fast" not in because


def test_what_a_verdict_rests_on_is_counted_from_the_open_cases() -> None:
    counted = agreements(OURS)
    assert sum(one.all for one in counted.values()) >= 50
    assert all(one.right <= one.all for one in counted.values())
    assert decide(OURS, {}).strength == "level"
