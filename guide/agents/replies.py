"""What the advisor says: one class for each kind of reply, and its text.

The JSON interface sends the classes, whose schema is in the OpenAPI document; agents get the text, which is shorter.
"""

from __future__ import annotations

import datetime
from typing import Literal

from pydantic import Field

from guide.agents.bounds import LARGEST, bounded
from guide.model import Id, Word


class Reply(Word):
    """Base of what is said in answer to one call."""

    def text(self) -> str:
        """The reply in lines, of at most `LARGEST` characters but for a file."""
        raise NotImplementedError


class Choice(Word):
    """One answer of a question."""

    id: Id
    says: str
    hint: str = ""


class QuestionLine(Word):
    """A question in one line."""

    id: Id
    ask: str
    several: bool = Field(description="more than one answer may be given")
    answers: tuple[Id, ...] = Field(description="empty where there are too many to list: search for them")


class Questions(Reply):
    """Every question, in the order in which it is asked."""

    how: str
    questions: tuple[QuestionLine, ...]

    def text(self) -> str:
        lines = [self.how]
        for one in self.questions:
            allowed = " ".join(one.answers) or "(search, or ask for its details)"
            lines.append(f"{one.id}{'*' if one.several else ''}: {one.ask} {allowed}")
        return bounded(lines, "list_questions with detail")


class QuestionDetail(Reply):
    """One question with its answers in words."""

    id: Id
    ask: str
    why: str
    help: str
    several: bool
    asked_only_if: str = Field(default="", description="the answers that make it a question at all")
    answers: tuple[Choice, ...]

    def text(self) -> str:
        several = "Several answers may be given." if self.several else "One answer."
        lines = [f"{self.id}: {self.ask}", f"Why: {self.why}", f"How to find out: {self.help}", several]
        lines += [f"Asked only if: {self.asked_only_if}"] if self.asked_only_if else []
        wordy = [f"{one.id}: {one.says}{f' ({one.hint})' if one.hint else ''}" for one in self.answers]
        short = [f"{one.id}: {one.says}" for one in self.answers]
        return bounded(lines + (wordy if sum(map(len, wordy)) < LARGEST / 2 else short), "search for a product by name")


class ReasonLine(Word):
    """Why, from an answer that was given."""

    side: Literal["for", "against"]
    because: str
    facts: tuple[Id, ...]


class NeedLine(Word):
    """What must be built or set."""

    id: Id
    what: str


class SettingLine(Word):
    """What to set in the path."""

    where: str
    setting: str


class TurnLine(Word):
    """What would change the choice."""

    when: str
    becomes: str


class OpenLine(Word):
    """A question for the human."""

    id: Id
    ask: str


class Decision(Reply):
    """The verdict on the answers that were given."""

    choice: Id = Field(description="sse, websocket, level, or what lies outside the choice between them")
    strength: Literal["decided", "leaning", "level", "outside"]
    margin: int
    headline: str
    sentence: str
    chosen: Id = Field(description="what needs and settings are about: the choice, or what was chosen in its place")
    clashes: tuple[str, ...] = Field(default=(), description="answers that do not go together")
    reasons: tuple[ReasonLine, ...]
    heartbeat_s: float | None = Field(description="seconds between heartbeats; none where no silence calls for one")
    settings: tuple[SettingLine, ...] = ()
    needs: tuple[NeedLine, ...]
    turns: tuple[TurnLine, ...] = Field(description="changes of answers that lead elsewhere, the smallest first")
    ask_the_human: tuple[OpenLine, ...] = Field(description="not answered, and the answer could change the choice")
    not_given: tuple[Id, ...] = Field(description="other questions without an answer; none was guessed")
    rules: str = Field(description="version and hash of the rules that decided")
    brief: bool = Field(default=True, exclude=True)

    def text(self) -> str:
        head = f"choice: {self.choice}, {self.strength}, margin {self.margin}. {self.headline}"
        lines = [head, self.sentence] if not self.brief else [head]
        lines += [f"chosen: {self.chosen}"] if self.chosen != self.choice else []
        lines += [f"ask the human: {one.id}: {one.ask}" for one in self.ask_the_human]
        if self.not_given:
            names = ", ".join(self.not_given)
            lines.append(f"not given: {names}. None was guessed. Do not guess: ask, or leave it out")
        lines.append(f"rules: {self.rules}")
        lines += [f"clash: {each}" for each in self.clashes]
        lines += [f"{one.side}: {one.because} [{' '.join(one.facts)}]" for one in self.reasons]
        lines += [f"heartbeat: {self.heartbeat_s:g} s"] if self.heartbeat_s else []
        lines += [f"set: {one.where}: {one.setting}" for one in self.settings]
        needs = ", ".join(one.id for one in self.needs)
        lines += [f"needs: {needs}"] if self.brief and needs else [f"need {one.id}: {one.what}" for one in self.needs]
        lines += [f"would change it: {one.when} -> {one.becomes}" for one in self.turns]
        return bounded(lines, "decide with brief, explain with an id")


class Source(Word):
    title: str
    url: str


class Part(Word):
    """One thing that an entry says: a limit with its setting, a cause with its cure, an answer."""

    title: str
    says: str


class Explanation(Reply):
    """One entry of the guide."""

    kind: str
    id: str
    title: str
    says: str
    figure: str = ""
    holds: str = Field(default="", description="where it holds, and where it does not")
    checked: datetime.date | None = None
    basis: str = ""
    parts: tuple[Part, ...] = ()
    facts: tuple[Id, ...] = ()
    sources: tuple[Source, ...] = ()

    def text(self) -> str:
        lines = [f"{self.kind} {self.id}: {self.title}" if self.title != self.says else f"{self.kind} {self.id}:"]
        lines += [self.says] if self.says else []
        lines += [f"figure: {self.figure}"] if self.figure else []
        lines += [f"holds: {self.holds}"] if self.holds else []
        lines += [f"checked: {self.checked} ({self.basis})"] if self.checked else []
        lines += [f"- {one.title}: {one.says}" for one in self.parts]
        lines += [f"facts: {' '.join(self.facts)}"] if self.facts else []
        lines += [f"source: {one.title} {one.url}" for one in self.sources]
        return bounded(lines, "one of its facts")


class Hit(Word):
    kind: str
    id: str
    title: str
    summary: str


class Found(Reply):
    """What a search found, the best first."""

    query: str
    found: int = Field(description="of which the best are listed")
    hits: tuple[Hit, ...]

    def text(self) -> str:
        if not self.hits:
            return f"Nothing found for {self.query[:60]!r}. Use fewer words, or the name of a product."
        lines = [f"{self.found} found, {len(self.hits)} listed; explain(id) tells more"]
        lines += [f"{one.kind} {one.id}: {one.title}" + _after(one.summary) for one in self.hits]
        return bounded(lines, "a smaller limit")


class FileLine(Word):
    name: str
    what: str
    characters: int


class Files(Reply):
    """The files that can be had for these answers."""

    about: str
    files: tuple[FileLine, ...]

    def text(self) -> str:
        lines = [f"{self.about}. get_files with a name gives the text."]
        return bounded([*lines, *(f"{one.name} ({one.characters}): {one.what}" for one in self.files)], "a name")


class File(Reply):
    """The text of one file. It alone may be longer than other replies."""

    name: str
    content: str

    def text(self) -> str:
        return self.content


def _after(summary: str) -> str:
    first = summary.split("\n")[0]
    return f" | {first[:160]}{'...' if len(first) > 160 else ''}" if first else ""
