"""The state machine of a room. Pure: it knows no clock, no socket and no run; its caller is told what must be done.

lobby -> [predict -> arming -> running -> collecting -> reveal | ask -> answers | talk] for each step -> ended
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from demos.limits import Limits
from demos.protocol.errors import Refusal
from demos.rooms.people import Kind, People, Person, Presence
from demos.rooms.round import AFTER_THE_END_S, TIMED, Phase, Round
from demos.rooms.rounds import AGENDAS, HALFWAY, Step

Effect = Literal["prepare", "start", "cut", "finish", "close"]
"""What the caller must do: make the round's threads; start its runs; cut all streams; stop its runs; end the room."""
KEPT_ROUNDS = 20
SCREENS = "screens"
EVERYBODY = "everybody"


@dataclass
class Room:
    """One room. `now`: seconds of a clock that only goes on."""

    code: str
    agenda: str
    limits: Limits
    opened: float
    phase: Phase = "lobby"
    place: int = -1
    """Index of the step; -1 before the first."""
    turn: int = 0
    people: People = field(default_factory=People)
    joined: int = 0  # the newest number
    began: float | None = None
    """When the first step began."""
    rounds: list[Round] = field(default_factory=list)
    played: int = 0
    presence: Presence = field(default_factory=Presence)
    locked: bool = False
    paused_s: float | None = None
    """What was left of the phase's time when it was paused; None: it is not paused."""
    ends: float | None = None
    """When the phase ends by itself."""
    failed: str | None = None
    changed: set[int | str] = field(default_factory=set)
    """Whose state has changed: numbers of people, screens, or everybody. Emptied by whoever tells them."""
    stuck_moments: list[tuple[int, int]] = field(default_factory=list)
    """(place, how many were stuck), whenever it rose."""
    results: dict[str, Any] | None = None  # what the answers come to, worked out once for all pages

    @property
    def steps(self) -> tuple[Step, ...]:
        return AGENDAS[self.agenda]

    @property
    def step(self) -> Step | None:
        return self.steps[self.place] if 0 <= self.place < len(self.steps) else None

    @property
    def round(self) -> Round | None:
        """The round of this step, from its prediction to its reveal."""
        step = self.step
        return self.rounds[-1] if step is not None and step.kind == "round" and self.rounds else None

    @property
    def is_over(self) -> bool:
        return self.phase == "ended"

    def join(self, kind: Kind, browser: str, simulated: bool, now: float) -> Person:
        """Let somebody new in. Raises Refusal: the room is over, locked or full."""
        if self.is_over:
            raise Refusal(410, "room_ended", "This room has ended.")
        if self.locked:
            raise Refusal(403, "room_locked", "The presenter has locked this room. Ask the presenter to unlock it.")
        if len(self.people) >= self.limits.room_people and (unseen := self.people.unseen(now)) is not None:
            self.leave(unseen)
        if len(self.people) >= self.limits.room_people:
            most = self.limits.room_people
            raise Refusal(
                503, "room_full", f"This room has {most} people, the limit here (STREAMWISE_MAX_ROOM_PEOPLE)."
            )
        self.joined += 1
        person = self.people[self.joined] = Person(self.joined, kind, browser, simulated, now)
        self.changed.add(SCREENS)
        return person

    def leave(self, number: int) -> None:
        """Forget somebody and all its figures."""
        if self.people.pop(number, None) is not None:
            self.results = None
            for one in self.rounds:
                one.forget(number)
            self.changed |= {number, SCREENS}

    def forget(self) -> None:
        """Forget all figures, and what people have told. Numbers stay, so that each page knows that it is over."""
        self.rounds, self.results, self.stuck_moments = [], None, []
        for person in self.people.values():
            person.forget()

    def here(self, now: float) -> list[int]:
        """Numbers of those who are connected, or were a moment ago."""
        return self.people.here(now)

    # --- the lead ---

    def next(self, now: float) -> list[Effect]:
        """What the one large button does in this phase."""
        match self.phase:
            case "lobby" | "reveal" | "answers" | "talk" | "failed":
                return self.enter(self.place + 1, now)
            case "predict":
                return self._arm(now)
            case "ask":
                self._turn("answers", now)
                return []
            case "running":
                return ["finish", *self._collect(now)]
            case "arming":
                return self._run(now)
            case "collecting":
                self._turn("reveal", now)
                return []
        raise self.not_now("next")

    def enter(self, place: int, now: float) -> list[Effect]:
        """Go to a step. Raises Refusal where there is none."""
        if not 0 <= place < len(self.steps):
            raise Refusal(409, "not_now", f"There is no step {place + 1}. Allowed: 1 to {len(self.steps)}.")
        effects: list[Effect] = ["finish"] if self.phase in ("arming", "running", "collecting") else []
        if self.rounds:
            self.rounds[-1].settle()
        self.began = now if self.began is None else self.began
        self.place, step = place, self.steps[place]
        for person in self.people.values():
            person.done, person.stuck = False, None
        if step.round is not None:
            self.played += 1
            self.rounds = [*self.rounds[1 - KEPT_ROUNDS :], Round(self.played, step.round, seed=self.played)]
            self._turn("predict", now)
        else:
            self._turn("ask" if step.kind == "ask" else "talk", now)
        return effects

    def again(self, now: float) -> list[Effect]:
        """The same step anew."""
        if self.step is None or self.is_over:
            raise self.not_now("again")
        return self.enter(self.place, now)

    def drop(self, now_ms: float) -> list[Effect]:
        """Cut everybody, once. `now_ms`: the wall clock, by which events are stamped."""
        played = self.round
        if self.phase != "running" or played is None or not played.kind.drops or played.cut_ms is not None:
            raise self.not_now("drop")
        played.cut_ms = now_ms - (played.began_ms or now_ms)
        self.changed.add(SCREENS)
        return ["cut"]

    def pause(self, now: float) -> None:
        if self.paused_s is not None or self.phase in ("running", "ended"):
            raise self.not_now("pause")
        self.paused_s, self.ends = (0.0 if self.ends is None else max(self.ends - now, 0.5)), None
        self.changed.add(EVERYBODY)

    def go_on(self, now: float) -> None:
        if self.paused_s is None:
            raise self.not_now("go_on")
        if self.phase in TIMED:
            self.ends = now + self.paused_s
        self.paused_s = None
        self.changed.add(EVERYBODY)

    def end(self, now: float) -> list[Effect]:
        self._turn("ended", now)
        return ["finish", "close"]

    def not_now(self, what: str) -> Refusal:
        return Refusal(409, "not_now", f"{what!r} means nothing while the room is in {self.phase!r}.")

    def tick(self, now: float) -> list[Effect]:
        """Let time pass: phases with a bound end by themselves, or as soon as nobody is waited for."""
        played = self.round
        if self.paused_s is not None or self.ends is None or played is None:
            return []
        waited = {number for number in self.here(now) if number in played.opened}
        if self.phase == "arming" and (now >= self.ends or (waited and waited <= played.ready)):
            return self._run(now)
        if self.phase == "collecting" and (now >= self.ends or (waited and waited <= played.received)):
            self._turn("reveal", now)
        return []

    def progress(self, tokens: int, now: float) -> None:
        """The run has made so many tokens."""
        played = self.round
        if self.phase == "running" and played is not None and tokens != played.tokens:
            played.tokens = tokens
            self.changed.add(SCREENS)
            if tokens >= HALFWAY and played.kind.opens == "halfway" and not played.opened >= set(self.here(now)):
                played.opened |= set(self.here(now))
                self.changed.add(EVERYBODY)

    def run_over(self, now: float, failed: str | None = None) -> list[Effect]:
        """All runs of the round have ended."""
        if self.phase != "running":
            return []
        if failed is not None:
            self.fail(failed, now)
            return []
        return self._collect(now)

    def fail(self, why: str, now: float) -> None:
        """The round cannot be played. The lead may begin it again, or go on."""
        self._turn("failed", now)
        self.failed = why

    def _arm(self, now: float) -> list[Effect]:
        played = self.round
        assert played is not None
        played.opened = played.open_at_the_start(self.here(now))
        self._turn("arming", now)
        if not played.opened:
            self.ends = now  # nobody is waited for
        return ["prepare"]

    def _run(self, now: float) -> list[Effect]:
        played = self.round
        assert played is not None
        played.late = {number for number in self.here(now) if number in played.opened - played.ready}
        self._turn("running", now)
        return ["start"]

    def _collect(self, now: float) -> list[Effect]:
        played = self.round
        assert played is not None
        self._turn("collecting", now)
        if played.kind.opens == "after":
            played.opened = set(self.here(now))
            self.ends = now + AFTER_THE_END_S
        return []

    def _turn(self, phase: Phase, now: float) -> None:
        self.phase, self.failed, self.paused_s, self.results = phase, None, None, None
        self.turn += 1
        self.ends = now + TIMED[phase] if phase in TIMED else None
        self.changed.add(EVERYBODY)
