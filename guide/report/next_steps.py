"""Turns a Report into the steps of the work that follows it, in order, and into a checklist of them.

A step is there if it has something to say: a setting, a file, or a need of the verdict. Each need belongs to one step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import get_args

from guide.model import StepId
from guide.report.path import ReportLimit, duration
from guide.report.report import Cited, Report, ReportFile, ReportNeed, joined

NOT_RESUMED = ("ask-again", "post-ends-with-response", "reconnect-code")
"""Needs of designs in which nothing is resumed."""
MOST_STEPS = 7
"""Beyond it, what concerns rights is told with the server."""
PROBE = (
    ".venv/bin/python -m demos probe --target fastapi > target.py",
    ".venv/bin/python -m demos probe https://your-server",
)
"""The commands of the last step: the server to put behind the path, and what reads through it."""


@dataclass(frozen=True)
class Step:
    """One thing to do."""

    id: StepId
    title: str
    text: str = ""
    settings: tuple[ReportLimit[Cited], ...] = ()
    """What to set in the path, in order."""
    files: tuple[ReportFile, ...] = ()
    """Of the project to start from, those that it is about."""
    needs: tuple[ReportNeed, ...] = ()
    """What must be true at the end."""
    ask: str = ""
    """The question that has to be answered first; empty where none has."""
    commands: tuple[str, ...] = ()
    """What to type, in order."""

    @property
    def see(self) -> str:
        """The scenario of the lab that shows it; empty where none does."""
        return next((need.see for need in self.needs if need.see), "")


def next_steps(words: Mapping[str, str], report: Report, path_question: str | None) -> tuple[Step, ...]:
    """The steps for a report; none where neither transport is the answer, or where nothing has been weighed.

    Args:
        words: the texts of the screen, by id.
        report: what is decided.
        path_question: the question that asks for the path; None where the book has none.
    """
    verdict = report.verdict
    if verdict.kind == "outside" or (verdict.kind == "level" and not verdict.reasons and report.chosen == "level"):
        return ()
    found = [step for step in _Steps(words, report, path_question) if step]
    if len(found) > MOST_STEPS:
        rights = next(step for step in found if step.id == "access")
        found = [
            replace(step, needs=(*step.needs, *rights.needs)) if step.id == "server" else step
            for step in found
            if step is not rights
        ]
    return tuple(found)


class _Steps:
    """Makes each step; None where it has nothing to say."""

    def __init__(self, words: Mapping[str, str], report: Report, path_question: str | None) -> None:
        self._words, self._report, self._path_question = words, report, path_question
        self._needs = {id: tuple(need for need in report.needs if need.step == id) for id in get_args(StepId)}

    def __iter__(self) -> Iterator[Step | None]:
        yield self._settings()
        yield self._code("server")
        yield self._code("client")
        yield self._heartbeat()
        yield self._commands()
        yield self._resume()
        yield self._access()
        yield self._test()

    def _word(self, key: str, **values: object) -> str:
        text = self._words[f"steps.{key}"]
        return text.format(**values) if values else text

    def _of_needs(self, id: StepId, title: str = "", text: str = "") -> Step | None:
        """A step that has needs only; none without any. Else it is called, and told, as the first of them is."""
        needs = self._needs[id]
        return Step(id, title or needs[0].title, text or needs[0].brief, needs=needs) if needs else None

    def _has(self, id: StepId, *wanted: str) -> bool:
        """Whether one of these is among the needs of a step."""
        return any(need.id in wanted for need in self._needs[id])

    def _settings(self) -> Step | None:
        path, needs = self._report.path, self._needs["settings"]
        if not path.known and self._path_question:
            asks = self._path_question
            return Step("settings", self._word("unknown.title"), self._word("unknown.text"), needs=needs, ask=asks)
        tiers = [tier for tier, _ in groupby(path.settings, key=lambda limit: limit.tier)]
        if not tiers:
            return self._of_needs("settings")
        title = self._word("settings.title", tiers=joined(tiers, self._words["verdict.and"]))
        return Step("settings", title, self._word("settings.text"), settings=path.settings, needs=needs)

    def _code(self, side: StepId) -> Step | None:
        projects = self._report.projects
        files = tuple(file for file in projects[0].files if file.step == side) if projects else ()
        if not files:
            return self._of_needs(side)
        level = side == "server" and self._report.chosen == "level"
        name = joined([file.path for file in files], self._word("or"))
        title = self._word(f"{side}.title_level" if level else f"{side}.title", file=name)
        return Step(side, title, self._word(f"{side}.text"), files=files, needs=self._needs[side])

    def _heartbeat(self) -> Step | None:
        path = self._report.path
        if path.heartbeat is None or not self._has("heartbeat", "heartbeat"):
            return self._of_needs("heartbeat", self._word("heartbeat.title_watch"))
        by = path.heartbeat_by
        text = self._word("heartbeat.text_by", tier=by) if by else self._word("heartbeat.text")
        every = duration(self._words, path.heartbeat)
        return self._of_needs("heartbeat", self._word("heartbeat.title", every=every), text)

    def _commands(self) -> Step | None:
        ends, asks = self._has("commands", "stop-with-client"), self._has("commands", "approval", "approval-by-post")
        kind = "title_client" if ends else "title_approval" if asks else "title"
        return self._of_needs("commands", self._word(f"commands.{kind}"))

    def _resume(self) -> Step | None:
        again = self._has("resume", *NOT_RESUMED)
        return self._of_needs("resume", self._word("resume.title_again" if again else "resume.title"))

    def _access(self) -> Step | None:
        return self._of_needs("access", self._word("access.title"))

    def _test(self) -> Step | None:
        told = (*self._needs["resume"], *self._needs["commands"], *self._report.needs)
        if not told:
            return None
        text = self._word("test.text", confirm=told[0].confirm)
        return Step("test", self._word("test.title"), text, commands=PROBE)
