"""What was seen -> verdicts. Readings are made up; real ones are in test_printed.py."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from demos.probe.findings import findings
from demos.probe.fingerprints import Named, behind
from demos.probe.reach import TARGET
from demos.probe.reading import Reading
from demos.probe.run import PACE, RESUMED
from demos.proxies.trials import Transport
from guide.book import book
from tests.demos.probe.seen import LONG, REACHED, SILENT, cut, read, seen

BOOK = book()


def found(way: Transport | None, *here: Named, **given: Any) -> list[str]:
    """Outcomes of one transport, with None the general ones."""
    return [one.outcome for one in findings(BOOK, seen(**given), here) if one.transport == way]


def headers(**given: str) -> dict[str, Reading]:
    named = {name.replace("_", "-"): value for name, value in given.items()}
    return {"sse": read("sse", PACE, headers=named)}


REFUSED = read("sse", SILENT, upto=0, status=429, refused="HTTP 429")
LATE = read("sse", SILENT, upto=0, status=None, refused="timed out", timed_out=True)
WELL = ["resume-works", "silence-survives", "long-survives", "large-passes"]
OF_AGENTS = ["browser-plain", "streams-together", "first-passes", "post-passes"]


def test_all_well() -> None:
    assert found(None) == ["reached", "http-unknown", "instances-one"]
    assert found("sse") == ["uncompressed", "framing-open", "streams-singly", *WELL, *OF_AGENTS]
    assert found("websocket") == ["upgrade-passes", "streams-singly", *WELL]


@pytest.mark.parametrize(
    ("way", "given", "outcome"),
    [
        (None, {"reached": dataclasses.replace(REACHED, hops=("http://there",))}, "redirected"),
        (None, {"reached": dataclasses.replace(REACHED, offers_h2=False)}, "http-one"),
        (None, {"reached": dataclasses.replace(REACHED, base="https://here")}, "http-unread"),
        ("sse", {"pace": {"sse": read("sse", PACE, lump=5)}}, "streams-lumps"),
        ("sse", {"pace": {"sse": read("sse", PACE, lump=40)}}, "streams-held"),
        ("websocket", {"pace": {"websocket": read("websocket", PACE, lump=5)}}, "streams-lumps"),
        ("sse", {"pace": {"sse": read("sse", PACE, upto=7, why="reset")}}, "streams-broken"),
        ("sse", {"pace": {"sse": read("sse", PACE, refused="HTTP 503")}}, "streams-refused"),
        ("sse", {"pace": {"sse": None}}, "untried"),
        ("sse", {"bare": read("sse", PACE, lump=40)}, "header-needed"),
        ("sse", {"pace": headers(content_encoding="gzip")}, "compressed-flushed"),
        ("sse", {"pace": headers(content_encoding="gzip"), "bare": None}, "compressed-passes"),
        ("sse", {"pace": headers(content_encoding="gzip"), "bare": read("sse", PACE, lump=5)}, "compressed-passes"),
        ("sse", {"pace": headers(content_length="900")}, "framing-length"),
        ("sse", {"resumed": {"sse": read("sse", RESUMED, seq=[1, 2, 3, 4])}}, "resume-fails"),
        ("sse", {"resumed": {"sse": None}}, "untried"),
        ("sse", {"silent": {"sse": cut("sse", SILENT, 1, 15.0)}}, "silence-cut"),
        ("sse", {"silent": {"sse": cut("sse", SILENT, 1, 25.0, timed_out=True)}}, "silence-lost"),
        ("websocket", {"silent": {"websocket": read("websocket", SILENT, signs=[1.0])}}, "silence-pinged"),
        ("sse", {"silent": {"sse": None}}, "untried"),
        ("sse", {"long": {"sse": cut("sse", LONG, 30, 15.0)}}, "long-cut"),
        ("sse", {"long": {"sse": cut("sse", LONG, 30, 15.0)}}, "rest-untried"),
        ("sse", {"long": {"sse": None}}, "untried"),
        *[("sse", {name: {"sse": REFUSED}}, "refused-later") for name in ("resumed", "silent", "long")],
        *[("sse", {name: {"sse": LATE}}, "untried") for name in ("resumed", "silent", "long")],
    ],
)
def test_each_trouble_is_found_by_itself(way: Transport | None, given: dict[str, Any], outcome: str) -> None:
    assert outcome in found(way, **given)
    other: Transport = "websocket" if way == "sse" else "sse"
    assert found(other, **given) == found(other)


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_a_refused_upgrade_is_explained(status: int) -> None:
    pace = {"websocket": read("websocket", PACE, status=status, refused=f"HTTP {status}")}
    one = next(one for one in findings(BOOK, seen(pace=pace), ()) if one.transport == "websocket")
    assert one.outcome == "upgrade-refused"
    key = f"probe.status.{status if status != 500 else 'other'}"
    assert one.sentence.endswith(BOOK.words[key])


@pytest.mark.parametrize(
    ("told", "outcome", "key"),
    [
        ({"upgrade": None, "connection": "keep-alive"}, "upgrade-refused", "426-upgrade"),
        ({"upgrade": "websocket", "connection": "close"}, "upgrade-refused", "426-connection"),
        ({"upgrade": "websocket", "connection": None}, "upgrade-refused", "426-connection"),
        ({"upgrade": "WebSocket", "connection": "keep-alive, Upgrade"}, "upgrade-unserved", "426-library"),
        ({"upgrade": "websocket"}, "upgrade-refused", "426-unread"),
        ({"upgrade": None, "connection": None, "target": "another"}, "upgrade-refused", "426-unread"),
    ],
)
def test_where_a_handshake_stops_is_what_the_target_says_of_it(told: dict[str, Any], outcome: str, key: str) -> None:
    told = {"target": TARGET, **told}
    pace = {"websocket": read("websocket", PACE, upto=0, status=426, refused="HTTP 426", told=told)}
    one = next(one for one in findings(BOOK, seen(pace=pace), ()) if one.transport == "websocket")
    assert (one.outcome, one.verdict) == (outcome, "bad")
    assert one.sentence.endswith(BOOK.words[f"probe.status.{key}"])
    assert bool(one.fixes) == (outcome == "upgrade-refused")


def test_a_ping_of_the_server_says_how_long_the_silence_was() -> None:
    silent = read("websocket", SILENT)
    pinged = dataclasses.replace(silent, signs=[silent.at[0] + 15_000])
    told = findings(BOOK, seen(silent={"websocket": pinged}), ())
    assert next(one for one in told if one.outcome == "silence-pinged").sentence.count("after 15 s") == 1


def test_a_limit_on_the_whole_is_not_taken_for_one_on_silence() -> None:
    given = {"silent": {"sse": cut("sse", SILENT, 1, 15.2)}, "long": {"sse": cut("sse", LONG, 30, 15.0)}}
    assert "silence-length" in found("sse", **given)
    assert "silence-cut" not in found("sse", **given)


def beaten(after_s: float, heard_s: float) -> dict[int, Reading]:
    """Heartbeats that did not keep it open, and when the last of them came."""
    made = cut("sse", SILENT, 1, after_s)
    return {ms: dataclasses.replace(made, heard=made.at[0] + heard_s * 1000) for ms in (10_000, 5000, 2500)}


SHORT, LONGER = (dataclasses.replace(LONG, n=n) for n in (20, 60))


@pytest.mark.parametrize(
    ("cut_s", "beats", "long", "outcome"),
    [
        (15.2, beaten(15.0, 12.5), read("sse", SHORT), "beating-cut"),
        (15.2, beaten(15.0, 12.5), None, "beating-cut"),
        (15.2, beaten(15.0, 12.5), read("sse", LONGER), "silence-cut"),  # the lively stream outlived that
        (15.2, beaten(15.0, 0.0), read("sse", SHORT), "silence-cut"),  # no heartbeat came
        (15.2, beaten(15.0, 7.0), read("sse", SHORT), "silence-cut"),  # none came any more
        (15.2, beaten(15.0, 13.5), read("sse", SHORT), "beating-cut"),
        (15.2, beaten(9.0, 7.5), read("sse", SHORT), "silence-cut"),
        (2.0, beaten(2.0, 0.0), read("sse", SHORT), "silence-cut"),  # sooner than the quickest could come
    ],
)
def test_a_limit_on_the_whole_shows_in_heartbeats_where_the_lively_stream_was_shorter(
    cut_s: float, beats: dict[int, Reading], long: Reading | None, outcome: str
) -> None:
    silent = {"sse": cut("sse", SILENT, 1, cut_s)}
    told = found("sse", silent=silent, beating={"sse": beats}, long={"sse": long})
    assert outcome in told
    assert ("heartbeat-fails" in told) == (outcome == "silence-cut")


@pytest.mark.parametrize(
    ("survivors", "outcome", "beat"),
    [
        ((2500, 5000, 10_000), "heartbeat-suffices", "5 s"),
        ((2500,), "heartbeat-suffices", "2.5 s"),
        ((10_000,), "heartbeat-tight", "7.5 s"),
        ((), "heartbeat-fails", "2.5 s"),
    ],
)
def test_the_heartbeat_is_no_longer_than_half_of_the_limit(survivors: tuple[int, ...], outcome: str, beat: str) -> None:
    beats = {ms: read("sse", SILENT) if ms in survivors else cut("sse", SILENT, 1, 15) for ms in (10_000, 5000, 2500)}
    given = {"silent": {"sse": cut("sse", SILENT, 1, 15.0)}, "beating": {"sse": beats}}
    one = next(one for one in findings(BOOK, seen(**given), ()) if one.outcome.startswith("heartbeat"))
    assert one.outcome == outcome
    assert f"every {beat}" in one.sentence


@pytest.mark.parametrize(("quickest", "outcome"), [(None, "untried"), (REFUSED, "refused-later"), (LATE, "untried")])
def test_no_heartbeat_has_failed_where_the_quickest_was_not_tried(quickest: Reading | None, outcome: str) -> None:
    beats = {10_000: cut("sse", SILENT, 1, 15), 5000: cut("sse", SILENT, 1, 15), 2500: quickest}
    given = {"silent": {"sse": cut("sse", SILENT, 1, 15.0)}, "beating": {"sse": beats}}
    told = found("sse", **given)
    assert outcome in told
    assert "heartbeat-fails" not in told


def test_a_rest_that_was_not_read_says_nothing() -> None:
    cut_before_any = read("sse", LONG, upto=0, why="reset", ended=15_000.0)
    assert "rest-untried" in found("sse", long={"sse": cut_before_any})
    for rest in (None, REFUSED):
        assert "rest-untried" in found("sse", long={"sse": cut("sse", LONG, 30, 15.0)}, rest={"sse": rest})


def test_what_follows_a_cut_must_be_the_very_next_event() -> None:
    long = {"sse": cut("sse", LONG, 30, 15.0)}
    next_ones, later = dataclasses.replace(RESUMED, since=30, n=32), dataclasses.replace(RESUMED, since=31, n=32)
    assert "long-resumes" in found("sse", long=long, rest={"sse": read("sse", next_ones)})
    assert "long-lost" in found("sse", long=long, rest={"sse": read("sse", later)})


def test_the_fix_is_that_of_what_was_recognised() -> None:
    here = behind(BOOK, "haproxy")
    told = findings(BOOK, seen(pace={"sse": read("sse", PACE, lump=5)}), (here,))
    fixes = next(one.fixes for one in told if one.outcome == "streams-lumps")
    assert [(fix.means, fix.sure) for fix in fixes] == [("haproxy", True)]
