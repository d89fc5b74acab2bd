from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from demos.proxies import catalog as proxies
from demos.proxies.buffering.nginx import CASES, Row
from demos.proxies.expected import buffering_changes, changes, expectation, expected, outcome, shortcomings
from demos.proxies.matrix import Matrix, TransportResult
from demos.proxies.trials import Reading
from guide.model import ProxyOutcome
from tests.demos.proxies.toy_results import CUT, WHOLE, WORDS, passage, reading, toy

NAMES = list(proxies.proxies())


def test_a_passage_in_words() -> None:
    assert outcome(passage()) == WORDS


@pytest.mark.parametrize(
    ("plain", "tokens"),
    [
        (reading(bursts=29), "one by one"),
        (reading(bursts=27), "in bursts"),
        (reading(bursts=1, first_ms=2100.0), "held"),
        (reading(bursts=0, first_ms=None), "held"),
        (reading(bursts=0, first_ms=None, finished=False), "held"),
        (reading(bursts=30, lost=10), "cut"),
        (reading(cuts=CUT), "cut"),
    ],
)
def test_how_tokens_came(plain: Reading, tokens: str) -> None:
    assert outcome(passage(plain=plain)).tokens == tokens


@pytest.mark.parametrize("found", [{"lost": 1}, {"repeated": 1}, {"finished": False}])
def test_what_is_not_whole_is_lost_however_it_was_cut(found: dict[str, Any]) -> None:
    assert outcome(passage(long=reading(**found))).long == "cut, lost"
    assert outcome(passage(long=reading(cuts=CUT, **found))).long == "cut, lost"


@pytest.mark.parametrize(
    ("over", "word"),
    [
        ({"shared": True}, "shared, one by one"),
        ({"shared": False}, "own connection, one by one"),
        ({"shared": True, "bursts": 20}, "shared, in bursts"),
        ({"shared": True, "cuts": CUT}, "shared, cut"),
    ],
)
def test_over_http2_it_counts_whose_connection_it_is_and_how_tokens_came(over: dict[str, Any], word: str) -> None:
    found = passage(http2=dataclasses.replace(WHOLE["plain"], **over))
    assert outcome(found).http2 == word
    told = shortcomings(Matrix("toy", "Toy 2.0.0", "2.0.0", (found,)))
    assert told == (
        [] if word.endswith("one by one") else [f"Toy 2.0.0, recommended, SSE: over TLS and HTTP/2: {word}"]
    )


def test_over_http2_a_refusal_is_said_as_it_came() -> None:
    assert outcome(passage(http2=Reading("websocket", 2.0, "HTTP 400", shared=True))).http2 == "HTTP 400"


def test_one_that_does_not_open_has_no_other_words() -> None:
    refused = TransportResult("default", "websocket", True, None, {"plain": Reading("websocket", 2.0, "HTTP 426")})
    assert outcome(refused) == ProxyOutcome(opens="HTTP 426")


def test_as_expected_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert changes(toy(monkeypatch, passage())) == []


def test_each_change_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = toy(monkeypatch, passage(page="HTTP 403", long=reading(cuts=CUT)), passage(transport="websocket"))
    assert changes(matrix)[:3] == [
        "Toy 2.0.0, recommended: a page's command: HTTP 403, expected yes",
        "Toy 2.0.0, recommended, SSE: a long answer: cut, resumed, expected survives",
        "Toy 2.0.0, recommended, WebSocket: opens: yes, expected HTTP 404",
    ]


def test_a_version_older_than_all_that_was_measured_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "nothing is expected" in changes(toy(monkeypatch, passage(), version="1.2.0"))[0]


def test_versions_are_numbers_and_each_holds_up_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    toy(monkeypatch)
    assert expected("toy", "1.8.9", "recommended") is None
    assert expected("toy", "9.9.9", "recommended")
    assert expected("toy", "10.0.1", "recommended")
    assert expected("toy", "10.0.1", "default") is None


def test_shortcomings_do_not_ask_what_is_expected() -> None:
    good = Matrix("toy", "Toy 1", "1.0.0", (passage(),))
    assert shortcomings(good) == []
    bad = dataclasses.replace(good, passages=(passage(page="HTTP 403", plain=reading(bursts=9)),))
    assert shortcomings(bad) == [
        "Toy 1, recommended, SSE: tokens: in bursts",
        "Toy 1, recommended, SSE: a page's command: HTTP 403",
    ]


def test_what_nginx_holds_is_expected_by_version() -> None:
    def row(version: str, path: str, pieces: int) -> Row:
        case = next(case for case in CASES if case.path == path)
        return Row(case, version, 50.0, 1500.0, pieces, 30, compressed=False)

    assert buffering_changes("nginx", [row("1.22.1", "/bare/asked", 1), row("1.31.3", "/bare/asked", 30)]) == []
    assert buffering_changes("nginx", [row("1.31.9", "/bare/asked", 1), row("1.0.0", "/off/close", 30)]) == [
        "nginx 1.31.9, /bare/asked: held, expected streamed",
        "nginx 1.0.0, /off/close: streamed, expected nothing",
    ]


@pytest.mark.parametrize("held", expectation("nginx").held.values())
def test_what_is_expected_to_be_held_is_a_case(held: tuple[str, ...]) -> None:
    assert set(held) <= {case.path for case in CASES}


@pytest.mark.parametrize("name", NAMES)
def test_every_proxy_has_expectations_for_both_configurations(name: str) -> None:
    for configs in expectation(name).versions.values():
        assert set(configs) == {"default", "recommended"}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("facts: [x]\nversions: {}", ValidationError),
        ("facts: [x]\nversions: {newest: {}}", ValidationError),
        ("facts: [x]\nfacts: [y]", yaml.YAMLError),
        ("facts: [x]\nversions: {1.0.0: {default: {page: yes, sse: {opens: yes, tokens: fast}}}}", ValidationError),
    ],
)
def test_mistakes_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, error: type[Exception]) -> None:
    (tmp_path / "expected.yaml").write_text(text)
    monkeypatch.setattr(proxies, "folder", lambda name: tmp_path)
    with pytest.raises(error):
        expectation("x")


def test_nothing_is_expected_of_a_trial_that_was_not_to_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    short = toy(monkeypatch, passage(), version="2.0.0")
    del short.passages[0].readings["long"]
    assert [line for line in changes(short) if "long" in line] == [
        "Toy 2.0.0, recommended, SSE: a long answer: not tried, expected survives"
    ]
    short = dataclasses.replace(short, tried=tuple(trial for trial in WHOLE if trial != "long"))
    assert changes(short) == []
    assert shortcomings(short) == []
