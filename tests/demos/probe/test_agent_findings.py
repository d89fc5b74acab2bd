"""What browsers and agents do -> verdicts. Readings are made up; real ones are in test_faulty_paths.py."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

import pytest

from demos.probe.agent_findings import held_by_one_s
from demos.probe.agent_streams import (
    AT_ONCE,
    LARGE,
    SHORT,
    AgentStreams,
    head_waits,
    late,
    served_at_once,
    soonest_again,
)
from demos.probe.agent_streams import read as read_agents
from demos.probe.findings import findings
from demos.probe.fingerprints import Named, behind
from demos.probe.outcomes import OUTCOMES, Finding
from demos.probe.reading import TOO_LONG, Asked, Reading
from demos.probe.readings import Reader
from demos.probe.run import PACE
from guide.book import book
from tests.demos.probe.seen import BEGUN, REACHED, SILENT, read, seen

BOOK = book()
WELL = seen().agents
assert WELL


def agents(**given: Any) -> AgentStreams:
    assert WELL
    return dataclasses.replace(WELL, **given)


def found(*here: Named, **given: Any) -> list[Finding]:
    return findings(BOOK, seen(**given), here)


def outcomes(**given: Any) -> set[str]:
    return {one.outcome for one in found(**given)}


def raw(times: list[float], coding: str = "") -> Reading:
    headers = {"content-encoding": coding} if coding else {}
    return read("sse", PACE, upto=0, raw=times, headers=headers)


def first(wait_s: float, **given: Any) -> Reading:
    return dataclasses.replace(read("sse", Asked(1, round(wait_s * 1000))), **{"opened_ms": 9.0, **given})


def starting(after_ms: float) -> Reading:
    """A stream that began so much later than the others."""
    one = read("sse", SHORT)
    return dataclasses.replace(one, at=[at + after_ms for at in one.at])


EVENLY = [50.0 * n for n in range(1, 41)]
AT_THE_END = [2000.0, 2000.1]
HELD = read("sse", SILENT, at=[20_010.0, 20_020.0])
REFUSED = read("sse", PACE, upto=0, status=405, refused="HTTP 405")
ELSEWHERE = read("sse", BEGUN, upto=0, status=410, refused="HTTP 410")


@pytest.mark.parametrize(
    ("given", "outcome", "verdict"),
    [
        ({"silent": {"sse": HELD}}, "silence-held", "bad"),
        ({"agents": agents(browser=raw(EVENLY, "br"))}, "browser-flushed", "good"),
        ({"agents": agents(browser=raw(AT_THE_END, "br"))}, "browser-compressed", "bad"),
        ({"agents": agents(browser=raw(AT_THE_END, "zstd"))}, "browser-compressed", "bad"),
        ({"agents": agents(browser=raw(AT_THE_END))}, "browser-held", "bad"),
        ({"agents": agents(browser=REFUSED)}, "browser-refused", "bad"),
        ({"agents": agents(browser=None)}, "untried", "unknown"),
        ({"agents": agents(post=REFUSED)}, "post-refused", "bad"),
        ({"agents": agents(post=read("sse", PACE, lump=40))}, "post-held", "bad"),
        ({"agents": agents(post=read("sse", PACE, upto=7, why="reset"))}, "post-broken", "bad"),
        ({"agents": agents(together=tuple(starting(1000 * n) for n in range(AT_ONCE)))}, "streams-wait", "bad"),
        ({"agents": agents(together=(*[read("sse", SHORT)] * 5, REFUSED))}, "refused-later", "unknown"),
        ({"agents": agents(elsewhere=(read("sse", BEGUN), ELSEWHERE, None))}, "instances-several", "bad"),
        ({"agents": agents(begun=None)}, "untried", "unknown"),
        ({"agents": agents(knows=False)}, "target-old", "unknown"),
        ({"late": {5.0: first(5, opened_ms=4999.0)}}, "first-head-held", "bad"),
        (
            {"late": {5.0: read("sse", Asked(1, 5000), upto=0, refused="HTTP 504", ended=3000.0)}},
            "first-refused",
            "bad",
        ),
        (
            {"late": {5.0: read("sse", Asked(1, 5000), upto=0, refused="HTTP 503", ended=20.0)}},
            "refused-later",
            "unknown",
        ),
        ({"late": {5.0: read("sse", Asked(1, 5000), upto=0, why="reset")}}, "first-cut", "bad"),
        ({"late": {5.0: None}}, "untried", "unknown"),
        ({"large": {"websocket": None}}, "untried", "unknown"),
        ({"large": {"websocket": read("websocket", LARGE, upto=0, why="close code 1009")}}, "large-cut", "bad"),
        ({"large": {"websocket": read("websocket", LARGE, upto=0, why=TOO_LONG)}}, "large-late", "unknown"),
        ({"large": {"sse": read("sse", LARGE, upto=0, timed_out=True, why="timed out")}}, "large-late", "unknown"),
        ({"reached": dataclasses.replace(REACHED, offers_h2=True)}, "http2-untried", "unknown"),
        ({"same": True}, "cached", "bad"),
        ({"reached": dataclasses.replace(REACHED, headers={"age": "7"})}, "cached", "bad"),
        ({"bare": read("sse", PACE)}, "cached", "bad"),
    ],
)
def test_each_trouble_is_found(given: dict[str, Any], outcome: str, verdict: str) -> None:
    assert outcome not in outcomes() or outcome == "untried"
    assert verdict in [one.verdict for one in found(**given) if one.outcome == outcome]


@pytest.mark.parametrize(
    ("http2", "outcome"),
    [
        (read("sse", PACE), "http2-passes"),
        (read("sse", PACE, lump=40), "http2-held"),
        (read("sse", PACE, upto=0, why="PROTOCOL_ERROR"), "http2-broken"),
        (read("sse", PACE, upto=0, refused="HTTP 502"), "http2-broken"),
    ],
)
def test_http2_is_judged_where_it_is_offered(http2: Reading, outcome: str) -> None:
    reached = dataclasses.replace(REACHED, offers_h2=True)
    assert outcome in outcomes(reached=reached, http2=http2)
    assert outcome not in outcomes(http2=http2)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("text/event-stream; charset=ISO-8859-1", True),
        ('text/event-stream;charset="windows-1252"', True),
        ("text/event-stream; CHARSET=UTF-16", True),
        ("text/event-stream; charset=UTF-8", False),
        ('text/event-stream; charset="utf-8"', False),
        ("text/event-stream", False),
    ],
)
def test_eventsource_takes_one_charset(kind: str, wrong: bool) -> None:
    pace = {"sse": read("sse", PACE, headers={"content-type": kind})}
    assert ("charset-wrong" in outcomes(pace=pace)) is wrong


def test_what_is_held_as_a_whole_is_said_once() -> None:
    """The other checks would only repeat it, or blame something else."""
    held = {"sse": read("sse", PACE, lump=40, headers={"content-encoding": "gzip"})}
    together = tuple(read("sse", SHORT, lump=6) for _ in range(AT_ONCE))
    given = {"pace": held, "silent": {"sse": HELD}, "agents": agents(browser=raw(AT_THE_END, "br"), together=together)}
    assert {one.outcome for one in found(**given) if one.transport == "sse" and one.verdict == "bad"} == {
        "compressed",
        "held-by-compression",
    }


def test_a_head_that_waits_is_told_beside_the_wait_that_is_given_up() -> None:
    given_up = read("sse", Asked(1, 5000), upto=0, status=504, refused="HTTP 504", ended=3000.0)
    slow = {2.0: first(2, opened_ms=2000.0), 5.0: given_up}
    assert {"first-head-held", "first-refused"} <= outcomes(late=slow)


@pytest.mark.parametrize(("head_ms", "held"), [(1009, False), (1500, False), (2700, True), (3000, True)])
def test_a_head_from_afar_is_not_one_that_waits(head_ms: float, held: bool) -> None:
    from_afar = first(2, opened_ms=head_ms, at=[3000.0])
    assert ("first-head-held" in outcomes(late={2.0: from_afar})) is held
    assert head_waits(from_afar, 2.0) is held


class Again:
    """Reads a late stream; its head comes after so many ms."""

    patience_s = 1.0

    def __init__(self, opened_ms: float) -> None:
        self.opened_ms, self.asked = opened_ms, list[Asked]()

    def bears_s(self, asked: Asked) -> float:
        return asked.seconds + self.patience_s

    def with_more_patience(self, more_s: float) -> Again:
        return self

    def read(self, way: str, asked: Asked) -> Reading:
        self.asked.append(asked)
        return first(asked.first_ms / 1000 or asked.gap_ms / 1000, opened_ms=self.opened_ms)


@pytest.mark.parametrize(("again_ms", "outcome"), [(9.0, "first-passes"), (1999.0, "first-head-held")])
def test_a_head_that_waited_beside_other_streams_is_read_again_alone(again_ms: float, outcome: str) -> None:
    late: dict[float, Reading | None] = {2.0: first(2, opened_ms=1700.0), 5.0: first(5)}
    reader = Again(again_ms)
    soonest_again(cast("Reader", reader), late)
    assert len(reader.asked) == 1
    told = outcomes(late=late) & {"first-passes", "first-head-held"}
    assert outcome in told
    assert ("first-head-held" in told) is (again_ms > 1000)


@pytest.mark.parametrize(
    "late",
    [{}, {2.0: None}, {2.0: first(2), 5.0: first(5, opened_ms=4999.0)}, {2.0: read("sse", Asked(1, 2000), upto=0)}],
)
def test_other_late_streams_are_read_once(late: dict[float, Reading | None]) -> None:
    reader, before = Again(9.0), dict(late)
    soonest_again(cast("Reader", reader), late)
    assert reader.asked == []
    assert late == before


class Busy(Again):
    """Reads streams that are asked for at the same time; those of the first `slow` rounds begin one after another."""

    def __init__(self, slow: int) -> None:
        super().__init__(9.0)
        self.slow = slow

    def read(self, way: str, asked: Asked, manner: object = None) -> Reading:
        if asked != SHORT:
            return read("sse", asked)
        self.asked.append(asked)
        turn, number = divmod(len(self.asked) - 1, AT_ONCE)
        return starting(1000.0 * number if turn < self.slow else 0.0)


@pytest.mark.parametrize(
    ("slow", "passes", "asked", "outcome"),
    [
        (0, True, AT_ONCE, "streams-together"),
        (1, True, 2 * AT_ONCE, "streams-together"),
        (2, True, 2 * AT_ONCE, "streams-wait"),
        (1, False, AT_ONCE, "streams-wait"),
    ],
)
def test_streams_that_seem_to_wait_are_read_once_more(slow: int, passes: bool, asked: int, outcome: str) -> None:
    reader = Busy(slow)
    assert outcome in outcomes(agents=read_agents(cast("Reader", reader), PACE, False, passes))
    assert len(reader.asked) == asked


def test_compression_is_cured_as_compression() -> None:
    for here, sure in (((), False), ((behind(BOOK, "nextjs"),), True)):
        one = next(
            one
            for one in found(
                *here,
                agents=agents(browser=raw(AT_THE_END, "br")),
            )
            if "browser" in one.outcome
        )
        settings = " ".join(fix.setting for fix in one.fixes)
        assert "no-transform" in settings
        assert "http-no-delay" not in settings
        assert any(fix.means == "nextjs" and fix.sure for fix in one.fixes) is sure
        assert bool(one.ask) is not sure


def test_every_cause_is_of_an_outcome_and_every_bad_outcome_of_ours_has_a_cure() -> None:
    named = {outcome for cause in BOOK.probe_causes.values() for outcome in cause.found}
    assert named <= set(OUTCOMES)
    cured = named | {outcome for outcome, (_, trouble) in OUTCOMES.items() if trouble}
    said_in_words = {"streams-refused", "streams-broken", "upgrade-unserved", "resume-fails", "long-lost"}
    said_in_words |= {"browser-refused", "post-refused", "post-broken"}
    assert {outcome for outcome, (verdict, _) in OUTCOMES.items() if verdict == "bad"} <= cured | said_in_words


def test_streams_that_overlap_are_counted() -> None:
    assert served_at_once([read("sse", SHORT)] * 6) == 6
    assert served_at_once([starting(1000 * n) for n in range(6)]) == 1
    assert served_at_once([starting(1000 * (n // 2)) for n in range(6)]) == 2
    assert served_at_once([None, read("sse", SHORT, upto=0)]) == 0


def test_held_by_one_needs_both_events() -> None:
    assert held_by_one_s(read("sse", SILENT, upto=1)) == 0
    assert held_by_one_s(read("sse", SILENT)) == 0
    assert held_by_one_s(HELD) == pytest.approx(20, abs=0.1)


def test_late_streams_wait_as_every_target_can_where_it_can() -> None:
    assert {s: (one.gap_ms, one.first_ms) for s, one in late(30).items()} == {
        2.0: (2000, 2000),
        5.0: (5000, 5000),
        30: (10_000, 30_000),
    }
    assert [*late(1)] == [1]
