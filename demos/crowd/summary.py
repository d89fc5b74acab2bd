"""What a rehearsal has shown, as plain figures. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from demos.crowd.crowd import Played
from demos.crowd.lead import Lead
from demos.crowd.playing import Played as OneRound
from demos.crowd.readings import Reading
from demos.protocol.receipts import percentile

TRANSPORTS = ("sse", "websocket")


@dataclass(frozen=True)
class Counts:
    """What readers lost and had twice, in tokens."""

    people: int
    lost: int
    repeated: int


@dataclass(frozen=True)
class RoundFigures:
    """One round. `resuming`: of those who come back where they were; `naive`: of those who do not."""

    round: int
    name: str
    seconds: float | None
    """How long the answer took."""
    tokens: int
    """Events of the answer, as the crowd saw them."""
    cut: bool
    resuming: Counts
    naive: Counts
    unfinished: int
    """Readings that resume and never saw the run's end."""
    lateness_p95_ms: float | None
    """Median over people of what the server counted, both transports."""


@dataclass(frozen=True)
class Summary:
    """Figures of a rehearsal. Times in ms; None: nothing was measured."""

    people: int
    joined: int
    failed_joins: int
    join_p95_ms: float | None
    lost: int
    repeated: int
    unfinished: int
    naive: Counts
    told_p95_ms: float | None
    """From a press of the lead's button to each person's page."""
    revealed_p95_ms: float | None
    """From the first person who saw a round's result to each of the others."""
    unheard: int
    """Times that somebody never heard of a press of a button."""
    cut_last_ms: float | None
    back: Mapping[str, float | None]
    back_p95_ms: float | None
    cpu_share: float | None
    """Processor seconds of the server for a second of `running`."""
    memory_mb: Mapping[str, float]
    rounds: Sequence[RoundFigures]
    refusals: Mapping[str, int]
    failures: Sequence[str]

    @property
    def kept(self) -> bool:
        """Whether nobody who resumes lost anything, or had it twice, or missed the end."""
        return self.lost == self.repeated == self.unfinished == 0

    @property
    def good(self) -> bool:
        """Whether nobody who resumes lost anything or had it twice, and everybody was there to the end."""
        return self.kept and not self.failed_joins and not self.failures and bool(self.rounds)

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return asdict(self) | {"good": self.good}


def summed(played: Played) -> Summary:
    """Count what a crowd has noted."""
    people, lead = played.people, played.lead
    assert lead is not None
    numbers = sorted({number for person in people for number in person.player.rounds})
    rounds = [_round(played, lead, number) for number in numbers]
    joins = sorted(person.join_ms for person in people if person.join_ms is not None)
    told = sorted(ms for click in lead.clicks for ms in click.told_ms)
    back = {name: percentile(sorted(_backs(played, lead, name)), 95) for name in TRANSPORTS}
    refusals: dict[str, int] = {}
    for person in people:
        for one in person.refusals:
            refusals[one] = refusals.get(one, 0) + 1
    failed = [person.failed for person in people if person.failed]
    stalled = [played.stalled] if played.stalled else []
    return Summary(
        people=len(people),
        joined=len(joins),
        failed_joins=len(failed) + sum(not person.failed and person.join_ms is None for person in people),
        join_p95_ms=_ms(percentile(joins, 95)),
        lost=sum(one.resuming.lost for one in rounds),
        repeated=sum(one.resuming.repeated for one in rounds),
        unfinished=sum(one.unfinished for one in rounds),
        naive=Counts(
            sum(person.manner.naive for person in people),
            sum(one.naive.lost for one in rounds),
            sum(one.naive.repeated for one in rounds),
        ),
        told_p95_ms=_ms(percentile(told, 95)),
        revealed_p95_ms=_ms(percentile(sorted(_revealed(played)), 95)),
        unheard=sum(click.unheard for click in lead.clicks),
        cut_last_ms=_ms(max((ms for cut in lead.cuts if (ms := _last_cut(played, cut.round, cut.at))), default=None)),
        back={name: _ms(ms) for name, ms in back.items()},
        back_p95_ms=_ms(max((ms for ms in back.values() if ms is not None), default=None)),
        cpu_share=_share(lead),
        memory_mb=played.memory,
        rounds=rounds,
        refusals=refusals,
        failures=[*sorted(set(failed)), *lead.failures, *stalled],
    )


def _revealed(played: Played) -> Iterable[float]:
    """How much later than the first each person saw each result."""
    turns: dict[int, list[float]] = {}
    for person in played.people:
        for heard in person.heard:
            if heard.phase == "reveal":
                turns.setdefault(heard.turn, []).append(heard.at)
    for times in turns.values():
        yield from (at - min(times) for at in times)


def _round(played: Played, lead: Lead, number: int) -> RoundFigures:
    ones = [one for person in played.people if (one := person.player.rounds.get(number))]
    made = {seq for one in ones for reading in one.readings for seq in _tokens(reading)}
    cut = any(reading.downs for one in ones if not one.away for reading in one.readings)
    resuming = [one for one in ones if one.keeps]
    naive = [one for one in ones if not one.keeps]
    ran = [phase for phase in lead.phases if phase.round == number and phase.phase == "running"]
    late = [ms for one in ones for ms in _told(one, "lateness_p95_ms")]
    return RoundFigures(
        round=number,
        name=ones[0].name,
        seconds=round((ran[0].ended - ran[0].began) / 1000, 2) if ran else None,
        tokens=len(made),
        cut=cut,
        resuming=_counts(resuming, made),
        naive=_counts(naive, made),
        unfinished=sum(
            not r.notes.finished and not r.blocked for one in resuming if not one.away for r in one.readings
        ),
        lateness_p95_ms=_ms(statistics.median(late)) if late else None,
    )


def _counts(ones: Sequence[OneRound], made: set[int]) -> Counts:
    """As the server has counted; where it has told nothing, by what others saw. Who slept and missed the end is out."""
    lost = repeated = 0
    for one in ones:
        for reading in one.readings:
            if reading.blocked or (one.away and not reading.notes.finished):
                continue
            told = (one.figures or {}).get(reading.transport)
            tokens = _tokens(reading)
            lost += len(made - set(tokens)) if told is None else told["lost"]
            repeated += len(tokens) - len(set(tokens)) if told is None else told["repeated"]
    return Counts(len(ones), lost, repeated)


def _tokens(reading: Reading) -> list[int]:
    return [seq for seq, token in zip(reading.notes.seq, reading.notes.token, strict=True) if token]


def _told(one: OneRound, figure: str) -> Iterable[float]:
    """What the server has told of one person, over each transport."""
    for of in (one.figures or {}).values():
        if of and of.get(figure) is not None:
            yield of[figure]


def _readings(played: Played, number: int) -> Iterable[tuple[OneRound, Reading]]:
    for person in played.people:
        if (one := person.player.rounds.get(number)) is not None:
            for reading in one.readings:
                yield one, reading


def _last_cut(played: Played, number: int, at: float) -> float | None:
    """From the press to the last stream that noticed. Who was asleep had none."""
    lasts = [
        first
        for one, reading in _readings(played, number)
        if not one.away and (first := next((began for began, _ in reading.downs if began and began >= at), None))
    ]
    return max(lasts) - at if lasts else None


def _backs(played: Played, lead: Lead, transport: str) -> Iterable[float]:
    """From each loss to the next new token, of those who resume."""
    for cut in lead.cuts:
        for one, reading in _readings(played, cut.round):
            if one.resume and not one.away and reading.transport == transport:
                began = next((down[0] for down in reading.downs if down[0] and down[0] >= cut.at), None)
                if began is not None and (again := _next_token(reading, began)) is not None:
                    yield again - began


def _next_token(reading: Reading, after: float) -> float | None:
    notes = reading.notes
    came = zip(notes.at, notes.seq, notes.token, strict=True)
    before = max((seq for at, seq in zip(notes.at, notes.seq, strict=True) if at <= after), default=0)
    return next((at for at, seq, token in came if token and at > after and seq > before), None)


def _share(lead: Lead) -> float | None:
    ran = [phase for phase in lead.phases if phase.phase == "running" and phase.cpu_s is not None]
    wall = sum(phase.ended - phase.began for phase in ran) / 1000
    return round(sum(phase.cpu_s or 0 for phase in ran) / wall, 3) if wall else None


def _ms(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
