"""What would make the list of next steps wrong for a set of answers."""

from __future__ import annotations

from collections.abc import Iterator

from guide import book as books
from guide.decision.plan import plan
from guide.model import Answers
from guide.report.next_steps import MOST_STEPS, PROBE, next_steps
from guide.report.report import Report

OURS = books.book()


def step_problems(answers: Answers, report: Report) -> Iterator[str]:
    """Each need and each file once, few steps, the test last."""
    told = next_steps(OURS.words, report, plan(OURS).path)
    if report.verdict.kind == "outside" or not (report.verdict.reasons or report.verdict.kind == "option"):
        if told:
            yield "steps without a decision"
        return
    if not 4 <= len(told) <= MOST_STEPS:
        yield f"{len(told)} steps"
    named = [need.id for step in told for need in step.needs]
    if sorted(named) != sorted(need.id for need in report.needs):
        yield f"the steps name {sorted(named)}"
    files = [file.path for step in told for file in step.files]
    if files != [file.path for file in report.projects[0].files if file.step]:
        yield f"the steps name {files}"
    if [step.id for step in told if step.files] != ["server", "client"]:
        yield "the project is not named with the server and the client"
    if told[-1].commands != PROBE:
        yield "the test is not the last step"
