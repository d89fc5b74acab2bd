"""Pydantic models of the guide's data, one class for each concept.

A *fact* is about the world. An *effect* is what we conclude from facts when somebody gives an answer. A *reason* is an
effect that applied to you. A *need* is what must be built or set whichever transport carries the stream.
Everything that is read from `guide/knowledge/` is checked against these classes; unknown keys are refused.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=60)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Condition = Mapping[Id, tuple[Id, ...]]
"""Question id -> allowed answer ids. It holds when every question named has one of its allowed answers."""
Answers = Mapping[str, tuple[str, ...]]
"""Question id -> chosen answer ids (one, or several where the question allows it)."""

UNKNOWN = "unknown"
"""The answer that every question has: not sure."""


class Word(BaseModel):
    """Base of everything read from the knowledge folder: frozen, and a key that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Force(StrEnum):
    """How hard an effect pushes. The points behind the words stand once, in `plan.POINTS`."""

    RULES_OUT = "rules-out"
    WEAKENS = "weakens"
    FAVOURS = "favours"
    STRONGLY_FAVOURS = "strongly-favours"


class About(Word):
    """The rule set as a whole."""

    version: Text = Field(description="raised when an answer to the same questions may change")
    chapters: Mapping[Id, Text] = Field(min_length=1, description="in the order in which they are shown")
    after: tuple[Id, ...] = Field(default=(), description="chapters that are asked after the recommendation")


class Source(Word):
    """Where a claim can be read."""

    title: Text = Field(description="what it is called, so that it can be found again when the address is dead")
    url: Annotated[str, StringConstraints(pattern=r"^https://|^(guide|demos)/")] = Field(
        description="https address, with the section where there is one; or a path in this project"
    )


class Fact(Word):
    """One claim about the world that can be checked by somebody else."""

    claim: Text = Field(description="one or two sentences, true on their own")
    figure: Text = Field(description="the number or the word that people will quote")
    source: tuple[Source, ...] = Field(min_length=1)
    checked: datetime.date = Field(description="the day on which we last held the claim against source or measurement")
    basis: Literal["measured", "read", "quoted"] = Field(
        description="measured by us; read in the source; or seen quoted elsewhere, the source itself not opened"
    )
    measured: Text | None = Field(default=None, description="what we measured: versions, how often, the result")
    scope: Text = Field(description="where it does not hold, or what could make it stale")
    see: Id | None = Field(default=None, description="the scenario of the lab that shows it")


class Effect(Word):
    """What an answer does to one option, and why."""

    option: Id
    force: Force
    because: Text = Field(description="a sentence that follows 'because': tied to the answer, free of jargon")
    facts: tuple[Id, ...] = Field(min_length=1)
    only_if: Condition = Field(
        default_factory=dict, description="other questions that must be answered so; `{}` always"
    )
    unless: Condition = Field(
        default_factory=dict, description="any of these answers takes it back: one cause counts once"
    )


class Quantity(Word):
    """A number that an answer stands for."""

    value: float = Field(gt=0)
    over: float | None = Field(
        default=None, gt=0, description="the answer says 'more than this'; none: 'up to `value`'"
    )
    unit: Literal["s"] = "s"


class Trouble(StrEnum):
    """What something in the path can do to a stream."""

    HOLDS = "holds"
    """Keeps the response back, for a while or to its end."""
    SILENCE = "silence"
    """Ends a stream that says nothing for `after` seconds. A heartbeat cures it, so it is never past mending."""
    LENGTH = "length"
    """Ends a stream that is `after` seconds old, however lively it is."""
    UPGRADE = "upgrade"
    """Refuses the WebSocket upgrade, or needs a setting to let it pass."""
    DROPS = "drops"
    """Ends connections on occasions of its own: a reload, a release, a scale-in."""
    REQUESTS = "requests"
    """Refuses some requests, or passes on only a part of them."""
    CAPACITY = "capacity"
    """Takes only so many open streams."""
    BILLED = "billed"
    """Bills for as long as a response is open."""


class PathLimit(Word):
    """One thing that something in the path does to a stream, and what cures it."""

    trouble: Trouble
    option: Id | None = Field(default=None, description="only this transport suffers; none: whichever is chosen")
    after: float | None = Field(
        default=None,
        gt=0,
        description="seconds, by default; for `silence` and `length` only. `length` without it: off until set",
    )
    most: float | None = Field(
        default=None, gt=0, description="the most seconds that can be set; none: no end known, or cannot be set at all"
    )
    fixable: bool = Field(description="whether `setting` takes the trouble away (for `length`: up to `most`)")
    setting: Text | None = Field(default=None, description="exactly what to set, in the platform's own words")
    sentence: Text = Field(description="what happens, in one or two sentences")
    only: Text | None = Field(
        default=None, description="where it does not always happen: the rest of a sentence, from 'if' or 'unless' on"
    )
    facts: tuple[Id, ...] = Field(min_length=1)


class Arises(Word):
    """Where a derived answer comes from: a limit in the path that bites with the user's own figures."""

    trouble: Trouble
    option: Id | None = Field(default=None, description="the transport that suffers; none: any")
    fixable: bool | None = Field(default=None, description="can be cured with a setting, or not; none: either")
    theirs: bool | None = Field(default=None, description="in the clients' own networks, or not; none: either")


class Answer(Word):
    """One way to answer a question. Its key in the file is its id."""

    text: Text
    hint: Text | None = Field(default=None, description="half a sentence of help, shown under the answer")
    said: Text = Field(description="the answer as somebody would report it: 'the client sends a few controls'")
    effects: tuple[Effect, ...] = ()
    quantities: Mapping[Id, Quantity] = Field(default_factory=dict)
    alone: bool = Field(default=False, description="excludes every other answer, as 'nothing' does")
    place: Id | None = Field(default=None, description="where in the path it stands; a key of the question's `places`")
    aliases: tuple[Text, ...] = Field(
        default=(), description="short names by which engineers look for it: 'ALB', 'k8s'; only with `place`"
    )
    limits: tuple[PathLimit, ...] = Field(default=(), description="what it does to streams; only with `place`")
    typical: bool = Field(
        default=False, description="stands for its like where one must be named: 'if something held the stream back'"
    )
    arises: tuple[Arises, ...] = Field(default=(), description="any of these gives a derived answer; nobody is asked")


class Place(Word):
    """A stretch of the path between client and code, in the order in which a request meets them."""

    title: Text
    hint: Text
    theirs: bool = Field(default=False, description="in the clients' networks: whoever runs the service cannot set it")


class Question(Word):
    """One card of the wizard. The file name is its id."""

    order: int = Field(ge=1, description="its place among all questions")
    chapter: Id
    title: Text = Field(description="two or three words for the check-answers page")
    ask: Text
    why: Text = Field(description="why we ask")
    help: Text = Field(description="the hint above the answers: how to find out, in a sentence or two")
    answers: Mapping[Id, Answer] = Field(min_length=1, description="two or more, with those of `path/*.yaml`")
    multiple: bool = Field(default=False, description="more than one answer may be chosen")
    only_if: Condition = Field(default_factory=dict, description="asked only when this holds")
    places: Mapping[Id, Place] = Field(
        default_factory=dict, description="the path's stretches; its answers then also come from `path/*.yaml`"
    )
    derived: bool = Field(default=False, description="never asked: its answers follow from the path and the figures")
    card: Id | None = Field(default=None, description="the question whose card it shares; none: a card of its own")


class Option(Word):
    """A transport that may be recommended."""

    name: Text
    short: Text
    best_for: Text
    because_level: Text = Field(description="what speaks for it when the answers are level")


class Outside(Word):
    """What lies beyond the choice, and when it is the honest answer."""

    name: Text
    sentence: Text
    when: Condition = Field(default_factory=dict)
    when_none_left: bool = Field(default=False, description="given when every option is ruled out")
    facts: tuple[Id, ...] = Field(min_length=1)


class Lane(Word):
    """One arrow of a design: what travels, which way, over what."""

    way: Literal["down", "up", "both"]
    label: Text
    detail: Text


class Cost(Word):
    """What a design costs, whatever speaks for it."""

    text: Text
    facts: tuple[Id, ...] = Field(min_length=1)


class Pattern(Word):
    """The shape that a recommended transport takes. The first one whose condition holds is taken."""

    option: Id = Field(description="an option's id, or `level`")
    name: Text
    sentence: Text = Field(description="what an architect would repeat in the review")
    client: Id | None = Field(
        default=None, description="what reads the stream: `eventsource`, `fetch`, `post`, `websocket`, `either`"
    )
    program: Id | None = Field(
        default=None, description="the starter project that is built so; a value of the first axis of starter.yaml"
    )
    when: Condition = Field(default_factory=dict)
    unless: Condition = Field(default_factory=dict, description="any of these answers speaks against this shape")
    lanes: tuple[Lane, ...] = Field(min_length=1)
    costs: tuple[Cost, ...] = Field(default=(), description="what speaks against it even where it is right")
    facts: tuple[Id, ...] = Field(min_length=1)


StepId = Literal["settings", "server", "client", "heartbeat", "commands", "resume", "access", "test"]
"""The steps of the work that follows a decision, in order."""


class Need(Word):
    """What must be built or set, and which fact asks for it."""

    title: Text
    what: Text = Field(
        description="its first sentence says what to do, and is all that stands in a short record; may name quantities "
        "in braces, as in {silence}"
    )
    step: StepId = Field(default="server", description="the step of the work to which it belongs")
    see: Id | None = Field(default=None, description="the scenario of the lab that shows it")
    option: Id | None = Field(default=None, description="only with this option; none: whichever is chosen")
    clients: tuple[Id, ...] = Field(default=(), description="only with a pattern that these read; none: with any")
    when: Condition = Field(default_factory=dict)
    when_any: Condition = Field(default_factory=dict, description="one of these answers is enough; `{}` always")
    unless: Condition = Field(default_factory=dict, description="any of these answers makes it needless")
    facts: tuple[Id, ...] = Field(min_length=1)
    confirm: Text = Field(description="how to see that it works; goes into the record's confirmation")


class Row(Word):
    """One line of the comparison table."""

    title: Text
    cells: Mapping[Id, Text] = Field(description="one text an option")
    clients: Mapping[Id, Text] = Field(
        default_factory=dict, description="in place of the option's text, where this client reads the stream"
    )
    facts: tuple[Id, ...] = Field(min_length=1)
    readers: tuple[Id, ...] = Field(default=(), description="only where one of these reads a stream; none: always")
    always: bool = Field(default=False, description="shown to everybody")
    when: Condition = Field(default_factory=dict)


class Exclusion(Word):
    """Two needs of which no design has both: one makes the other untrue."""

    needs: tuple[Id, Id]
    because: Text


class Clash(Word):
    """Answers that cannot all be true, or that undo each other. It is shown when every condition holds."""

    sentence: Text = Field(description="what does not fit, and what to do about it")
    when: tuple[Condition, ...] = Field(min_length=1, description="all of them must hold")
    facts: tuple[Id, ...] = Field(min_length=1)


class Folklore(Word):
    """A claim that goes round and does not hold as it is told."""

    said: Text = Field(description="the claim, as one hears it")
    heard: Text = Field(description="where one hears it: 'articles that compare the two', never a person")
    verdict: Literal["false", "outdated", "half-true"]
    truth: Text = Field(description="what holds instead, in one to three sentences")
    facts: tuple[Id, ...] = Field(min_length=1)
    try_it: Text = Field(description="how to see it with one's own eyes: a scenario of the lab, a command, a few steps")
    see: Id | None = Field(default=None, description="the scenario of the lab that shows it")


class Cause(Word):
    """One reason for which somebody sees a symptom."""

    why: Text = Field(description="what happens, in one or two sentences")
    tell: Text = Field(description="how to tell it from the other causes: a command, a scenario of the lab, the probe")
    cure: Text = Field(description="what to do about it")
    setting: Text | None = Field(default=None, description="exactly what to set, in the product's own words")
    facts: tuple[Id, ...] = Field(min_length=1)


class Symptom(Word):
    """Something that a person in trouble sees, with its likely causes and their cures."""

    seen: Text = Field(description="what one sees, in the words in which one would tell it")
    texts: tuple[Text, ...] = Field(default=(), description="error texts and codes, as they are printed")
    also: tuple[Text, ...] = Field(default=(), description="other words by which it is looked for")
    causes: tuple[Cause, ...] = Field(min_length=1, description="the likeliest first")
    reports: tuple[Source, ...] = Field(min_length=1, description="where people reported it in public")
    see: Id | None = Field(default=None, description="the scenario of the lab that shows it")


class Trace(Word):
    """What in a repository bears on an answer; an agent looks for it with `grep -rE`."""

    answer: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+\.[a-z0-9_-]+$")] = Field(
        description="question and answer, as in path.nginx"
    )
    files: tuple[Text, ...] = Field(min_length=1, description="names of files, as `grep --include` takes them")
    settles: bool = Field(default=False, description="the line shows the answer by itself; else the human is asked")
    find: Text = Field(description="a POSIX extended regular expression")
    example: str = Field(min_length=1, description="a line that it finds")


Axes = Mapping[Id, tuple[Id, ...]]
"""Axis of the starter project -> allowed values. It holds when every axis named has one of them."""


class AxisValue(Word):
    """One way in which the starter project can be built. Of the values of an axis the first that holds is taken."""

    value: Id
    what: Text | None = Field(default=None, description="why it is built so, as a sentence of the project's README")
    when: Condition = Field(default_factory=dict, description="no answer counts as `unknown`; `{}` always")
    unless: Condition = Field(default_factory=dict, description="any of these answers speaks against it")
    only: Axes = Field(default_factory=dict, description="only with these values of earlier axes")


class StarterSource(Word):
    """One form of a file of the starter project."""

    file: Text = Field(description="where it stands, from the knowledge folder")
    when: Axes = Field(default_factory=dict, description="axes that must have one of these values; `{}` always")
    facts: tuple[Id, ...] = Field(default=(), description="what it is built on")


class StarterFile(Word):
    """One file of the starter project. Its key in the file is its path there."""

    what: Text = Field(description="one sentence: what it is for")
    sources: tuple[StarterSource, ...] = Field(default=(), description="at most one of them holds; none: it is made")
    step: StepId | None = Field(default=None, description="the step of the work that names it")
    shown: bool = Field(default=False, description="its text can be read on the screen")
    told: bool = Field(default=False, description="the project's README names it")


class StarterPackage(Word):
    """A package that the starter project uses. Its key in the file is its name."""

    when: Axes = Field(default_factory=dict, description="axes that must have one of these values; `{}` always")
    extra: Id | None = Field(default=None, description="the optional group to which it belongs")


class StarterLack(Word):
    """Something that answers ask for and the starter project does not do, or does otherwise than the design."""

    title: Text
    what: Text = Field(description="what the project does instead, and where to change it")
    patterns: tuple[Id, ...] = Field(default=(), description="only where the recommendation has one of these shapes")
    when: Condition = Field(default_factory=dict, description="no answer counts as `unknown`; `{}` always")
    only: Axes = Field(default_factory=dict, description="only where the project is built so")


class Starter(Word):
    """The small project that is made from a verdict: its axes, its files and what they need."""

    tested: datetime.date | None = Field(default=None, description="the day of the locks, with which the tests ran")
    axes: Mapping[Id, tuple[AxisValue, ...]] = Field(
        default_factory=dict, description="the values of the first one are named by patterns"
    )
    files: Mapping[
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$")],
        StarterFile,
    ] = Field(default_factory=dict)
    packages: Mapping[Id, StarterPackage] = Field(default_factory=dict)
    places: Mapping[Id, Text] = Field(default_factory=dict, description="what stands in the places of the files")
    built: Mapping[Id, Axes] = Field(
        default_factory=dict, description="needs that the project fulfils, where it is built so; `{}` always"
    )
    lacks: Mapping[Id, StarterLack] = Field(default_factory=dict, description="what it lacks that is no need")


class Sign(Word):
    """What tells the probe that something stands in the path. Without a header: it leaves no sign."""

    header: Id | None = Field(default=None, description="name of a response header")
    seen: tuple[Id, ...] = Field(default=(), description="request headers that arrive together only if it stands there")
    unseen: tuple[Id, ...] = Field(default=(), description="request headers of which none arrives if it stands there")
    unless: tuple[Id, ...] = Field(default=(), description="response headers with which another sends what is seen")
    says: Text | None = Field(
        default=None, description="a regular expression that the response header matches; its first group is a version"
    )
    waits: bool | None = Field(
        default=None, description="only if streams waited for each other, or only if not; none: either"
    )
    means: Id = Field(description="an answer of the question that has places")
    proxy: Id | None = Field(default=None, description="a folder of proxies/, whose recommended configuration helps")


class ProbeCure(Word):
    """One thing that cures what the probe saw."""

    means: Id | None = Field(default=None, description="an entry of path/ that must stand there; none: whatever does")
    setting: Text | None = Field(default=None, description="exactly what to set; none: as the entry of path/ says")
    facts: tuple[Id, ...] = Field(min_length=1)


class ProbeCause(Word):
    """Which kinds of thing can do what the probe saw, and what cures each."""

    found: tuple[Id, ...] = Field(min_length=1, description="outcomes of a check")
    only: bool = Field(default=False, description="in place of the settings in path/ against the same trouble")
    ask: Text | None = Field(default=None, description="the question to ask where nothing names itself")
    cures: tuple[ProbeCure, ...] = Field(min_length=1)


class Outcome(Word):
    """What the probe found, and what that answers."""

    found: tuple[Id, ...] = Field(min_length=1, description="any of these outcomes of a check")
    named: bool | None = Field(
        default=None,
        description="only if something was recognised in front of the server, or only if not; none: either",
    )
    answers: Condition


class Law(Word):
    """What must hold over the whole space of answers, whatever the rules say: proved in the tests."""

    sentence: Text
    question: Id
    chain: tuple[Id, ...] = Field(min_length=2, description="answers, each saying more of the same than the one before")
    never_towards: Id = Field(description="the option that a step along the chain must not help")


class Case(Word):
    """A published decision: a preset in the app, a test of the rules."""

    title: Text
    story: Text
    answers: Mapping[Id, tuple[Id, ...]]
    expect: Id = Field(
        description="what its authors chose: an option, `level` where both are offered, or an outside id"
    )
    decided: Text = Field(description="what its authors did and why")
    differs: Text | None = Field(default=None, description="why the guide says otherwise, where it does")
    source: Source
    preset: bool = Field(default=False, description="offered as a start")


Through = Literal["survives", "cut, resumed", "cut, lost"]
"""What became of a stream: not cut at all; cut, and the client that came back had every token once; or it had not."""


class ProxyOutcome(Word):
    """How one transport fares through a proxy, in words that can be compared. None: not tried, as it does not open."""

    opens: Text = Field(description="`yes`, or how it was refused: `HTTP 426`")
    tokens: Literal["one by one", "in bursts", "held", "cut"] | None = None
    silence: Through | None = Field(default=None, description="silence of twice the limit, without a heartbeat")
    heartbeat: Through | None = Field(default=None, description="the same silence with a heartbeat below the limit")
    long: Through | None = Field(default=None, description="an answer longer than every default limit on the whole")
    restart: Through | None = Field(
        default=None, description="the proxy is killed in the middle of an answer and started again"
    )
    http2: Text | None = Field(
        default=None,
        description="over TLS and HTTP/2: `shared` or `own connection`, and how tokens came; or how it was refused",
    )


class ProxyConfig(Word):
    """What is expected of one configuration of a proxy."""

    page: Text = Field(description="what a command gets that a page of this address posts: `yes`, or the refusal")
    sse: ProxyOutcome
    websocket: ProxyOutcome


Version = Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]


class ProxyExpectation(Word):
    """What was measured behind a proxy, by version: each holds up to the next one named."""

    facts: tuple[Id, ...] = Field(min_length=1, description="what this proxy's behaviour confirms or concerns")
    versions: Mapping[Version, Mapping[Literal["default", "recommended"], ProxyConfig]] = Field(min_length=1)
    held: Mapping[Version, tuple[Text, ...]] = Field(
        default_factory=dict, description="the set-ups of the nginx buffering trial that hold an event stream back"
    )


FigureName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=40)]
"""What is measured in one scenario only. Its last part is the unit (`_ms`, `_s`, `_bytes`, `_times`); else a count."""


class Spread(Word):
    """How far one figure went apart over several runs."""

    least: float
    most: float
    runs: int = Field(ge=1, description="in how many of the runs it could be measured")


class Measurement(Word):
    """What one client saw of one run, or the median of several. Times in milliseconds; None: could not be measured."""

    transport: Literal["sse", "websocket"]
    client: Text = Field(
        description="who received: `httpx`, `websocket-client`, `EventSource` ...; `naive` has no resume"
    )
    tokens: int = Field(ge=0, description="distinct tokens received")
    first_token_ms: float | None = None
    gap_p50_ms: float | None = None
    gap_p95_ms: float | None = None
    gap_max_ms: float | None = None
    events: int = Field(ge=0)
    lost: int | None = Field(
        default=None, ge=0, description="tokens that the run made and this client never saw; null: there was no run"
    )
    repeated: int | None = Field(
        default=None, ge=0, description="tokens that this client was handed more than once; null: there was no run"
    )
    reconnects: int = Field(ge=0)
    finished: bool = Field(description="whether the client saw the run's end")
    bytes_payload: int | None = None
    bytes_framing: int | None = None
    bytes_headers: int | None = None
    figures: Mapping[FigureName, float | None] = Field(
        default_factory=dict, description="what this scenario measures besides; null: could not be measured"
    )
    spread: Mapping[FigureName, Spread] = Field(
        default_factory=dict, description="where there were several runs: least and most of each figure, by its name"
    )


class Evidence(Word):
    """Measurements worth keeping: what was run, where, how often."""

    id: Text
    scenario: Text
    title: Text
    taken: AwareDatetime
    runs: int = Field(ge=1)
    seed: int
    where: Text = Field(description="the machine and the network, in words")
    how: Text = Field(description="what was done, and with which fault")
    versions: Mapping[str, str] = Field(default_factory=dict)
    measurements: tuple[Measurement, ...] = Field(min_length=1)
    labels: Mapping[FigureName, Text] = Field(
        default_factory=dict, description="what the further figures are called; one without a label is not printed"
    )
    verified: bool = Field(default=True, description="False when it came in from a file")


class Record(Word):
    """A verdict made somebody's decision."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    context: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)] = ""
    deciders: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    date: datetime.date
    number: int = Field(default=1, ge=1, le=9999, description="among the decision records of a project")
    status: Literal["proposed", "accepted"] = "proposed"
    chosen: Id
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = Field(
        default="", description="asked for where the choice is not what the guide recommends"
    )
    answers: Mapping[Id, tuple[Id, ...]]
    evidence: tuple[Evidence, ...] = ()
