"""Computes what the network path does to a stream with the user's figures: cuts, buffering, settings, heartbeat.

    chosen tiers --limits--> troubles --silence, length--> those that bite --> flags (derived answers), settings

A limit bites when the user's own figure reaches it: a silence of 60 s or more meets an idle limit of 60 s. Where the
figure is not known, the limit is shown, and does not reach the choice. The name of a quantity is the trouble that it
meets: `silence`, `length`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from guide.book import Book
from guide.model import UNKNOWN, Arises, PathLimit, Question, Trouble

USUAL_HEARTBEAT = 15
"""Seconds. The HTML standard advises a comment about every 15 s (server-sent events, authoring notes)."""
HEARTBEAT = "heartbeat"
"""What a need calls the computed heartbeat in braces."""
TIMED = (Trouble.SILENCE, Trouble.LENGTH)


@dataclass(frozen=True)
class Found:
    """One limit of one thing in the path, held against the user's figures."""

    tier: str
    place: str
    theirs: bool
    """In the clients' networks, where whoever runs the service sets nothing."""
    limit: PathLimit
    figure: float | None
    """Seconds that the user named for what this limit is about; None: not known, or nothing to compare."""

    @property
    def bites(self) -> bool | None:
        """Whether it does harm as it comes: True, False, or None where the figure is not known."""
        if self.limit.trouble not in TIMED:
            return True
        if self.limit.after is None:  # a limit that is off until somebody sets it
            return False
        return None if self.figure is None else self.figure >= self.limit.after

    @property
    def cured(self) -> bool:
        """Whether a setting takes it away for these figures; the highest setting may still be too low."""
        if not self.limit.fixable or self.theirs and self.limit.trouble is not Trouble.SILENCE:
            return False
        too_long = self.limit.most is not None and self.figure is not None and self.figure > self.limit.most
        return not (self.limit.trouble is Trouble.LENGTH and too_long)


@dataclass(frozen=True)
class Passage:
    """The whole path with one set of answers, in the order in which a request meets its parts."""

    known: bool
    """False while the path is not answered, or answered with 'not sure'."""
    found: tuple[Found, ...]
    heartbeat: float | None
    """Seconds between two heartbeats that keep every stretch open; None while no heartbeat is needed."""
    limiting: Found | None
    """The idle limit that sets the heartbeat; None where the usual 15 s suffice."""

    def earliest(self, option: str, trouble: Trouble) -> Found | None:
        """The first limit of its kind that may cut this transport, as the path comes."""
        hits = [f for f in self.found if f.limit.trouble is trouble and f.limit.option in (None, option)]
        hits = [f for f in hits if f.bites is not False]
        return min(hits, key=lambda f: f.limit.after or 0, default=None)


def places(book: Book) -> Question | None:
    """The question that asks what stands in the path; None where the book has none."""
    return next((q for q in book.questions.values() if q.places), None)


def passage(book: Book, path: tuple[str, ...], numbers: Mapping[str, float]) -> Passage:
    """What the path does to a stream. `path`: chosen answers; `numbers`: the user's figures in seconds."""
    question = places(book)
    if question is None or not path or UNKNOWN in path:
        return Passage(False, (), _needed(numbers), None)
    order = list(question.places)
    found = [
        Found(tier, answer.place, question.places[answer.place].theirs, limit, numbers.get(limit.trouble.value))
        for tier, answer in question.answers.items()
        if tier in path and answer.place
        for limit in answer.limits
    ]
    found.sort(key=lambda f: order.index(f.place))
    idle = [f for f in found if f.limit.trouble is Trouble.SILENCE and f.limit.after]
    shortest = min(idle, key=lambda f: f.limit.after or 0, default=None)
    usual = _needed(numbers)
    if shortest is None or not shortest.limit.after or (usual is None and shortest.bites is False):
        return Passage(True, tuple(found), usual, None)
    # Half of the limit: one heartbeat may be late or lost without harm.
    wanted = min(USUAL_HEARTBEAT, shortest.limit.after / 2)
    return Passage(True, tuple(found), wanted, shortest if wanted < USUAL_HEARTBEAT else None)


def flags(book: Book, path: tuple[str, ...], numbers: Mapping[str, float]) -> tuple[str, ...]:
    """Derived answers: what the path does, said so that effects, needs and patterns can name it."""
    derived = next((q for q in book.questions.values() if q.derived), None)
    if derived is None:
        return ()
    found = [f for f in passage(book, path, numbers).found if f.bites]
    return tuple(
        aid for aid, answer in derived.answers.items() if any(_arises(a, f) for a in answer.arises for f in found)
    )


def _arises(arises: Arises, found: Found) -> bool:
    return (
        arises.trouble is found.limit.trouble
        and (arises.option is None or found.limit.option in (None, arises.option))
        and (arises.fixable is None or arises.fixable == found.cured)
        and (arises.theirs is None or arises.theirs == found.theirs)
    )


def _needed(numbers: Mapping[str, float]) -> float | None:
    """The usual heartbeat once a silence is longer than it; also while nobody knows how long it is."""
    silence = numbers.get(Trouble.SILENCE.value)
    return None if silence is not None and silence < USUAL_HEARTBEAT else USUAL_HEARTBEAT
