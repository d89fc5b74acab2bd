"""What is taken away from a probe: answers, a link, evidence; and what the record page reads of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from demos.probe.reading import Asked, Reading
from demos.probe.result import as_data, judged
from demos.probe.run import PACE
from guide.book import book
from guide.book.link import decode
from guide.model import Evidence
from guide.record import probe_file as probed
from tests.demos.probe.seen import LONG, SILENT, cut, read, seen

BOOK = book()
LUMPS = {"sse": read("sse", PACE, lump=5)}
NGINX = {"sse": read("sse", PACE, lump=5, headers={"server": "nginx"})}


@pytest.mark.parametrize(
    ("given", "told", "path", "code"),
    [
        ({}, None, None, 0),
        ({"pace": LUMPS}, None, ("other-ours",), 1),
        ({"pace": LUMPS}, "haproxy", ("haproxy",), 1),
        ({"pace": NGINX}, None, ("nginx",), 1),
        ({"pace": NGINX}, "cloudflare", ("cloudflare", "nginx"), 1),
        ({"pace": NGINX}, "nginx", ("nginx",), 1),
    ],
)
def test_answers_name_what_was_recognised_or_that_something_is_there(
    given: dict[str, dict[str, Reading]], told: str | None, path: tuple[str, ...] | None, code: int
) -> None:
    result = judged(BOOK, "http://here", seen(**given), told)
    assert result.answers == ({"path": path} if path else {})
    assert result.code == code
    assert bool(result.link) == bool(path)
    if path:
        opened = decode(result.link.removeprefix("/?a="), BOOK)
        assert (opened.answers, opened.problems, opened.version) == ({"path": path}, (), BOOK.version)


LATE = {"sse": None}
REFUSED = {"sse": read("sse", LONG, upto=0, refused="HTTP 429")}


@pytest.mark.parametrize(
    "given", [{"pace": LATE}, {"long": LATE}, {"silent": LATE}, {"resumed": REFUSED}, {"long": REFUSED}]
)
def test_what_was_not_tried_is_not_called_good(given: dict[str, Any]) -> None:
    assert judged(BOOK, "http://here", seen(**given)).code == 2
    bad = {**given, "silent": {"websocket": cut("websocket", SILENT, 1, 15.0)}}
    assert judged(BOOK, "http://here", seen(**bad)).code == 1


def test_evidence_tells_what_was_measured() -> None:
    given = {"silent": {"sse": cut("sse", SILENT, 1, 15.0)}, "long": {"websocket": cut("websocket", LONG, 30, 15.5)}}
    found = judged(BOOK, "http://here", seen(**given)).evidence
    assert found
    sse, websocket = found.measurements
    assert (sse.transport, sse.events, sse.lost, sse.repeated, sse.finished) == ("sse", 40, 0, 0, True)
    assert (sse.figures["silence_cut_s"], sse.figures["length_cut_s"]) == (15.0, None)
    assert (websocket.figures["length_cut_s"], websocket.figures["resumed"]) == (15.5, None)
    rest = {"websocket": read("websocket", Asked(n=32, gap_ms=20, since=30))}
    again = judged(BOOK, "http://here", seen(**given, rest=rest)).evidence
    assert again
    assert again.measurements[1].figures["resumed"] == 1
    assert sse.figures["pieces"] == sse.figures["pieces_sent"]
    assert set(sse.figures) <= set(found.labels)


def test_there_is_no_evidence_where_nothing_opened() -> None:
    refused = {way: read(way, PACE, upto=0, refused="HTTP 403") for way in ("sse", "websocket")}
    result = judged(BOOK, "http://here", seen(pace=refused))
    assert (result.evidence, result.code) == (None, 1)


def test_the_record_page_reads_what_is_written() -> None:
    result = judged(BOOK, "http://here", seen(pace=NGINX))
    text = json.dumps(as_data(result, BOOK.version)).encode()
    taken = probed.load(text, BOOK)
    assert taken.answers == result.answers
    assert [one.verified for one in taken.evidence] == [False]
    assert isinstance(result.evidence, Evidence)
    assert taken.evidence[0].measurements == result.evidence.measurements
