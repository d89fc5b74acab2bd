"""Terms: one thing is found however it is written."""

from __future__ import annotations

import pytest

from guide.search.terms import FILLERS, LONGEST, fold, terms, wanted


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("keep-alive", ["keep", "alive", "keepalive"]),
        ("keepAlive", ["keep", "alive", "keepalive"]),
        ("KEEP_ALIVE", ["keep", "alive", "keepalive"]),
        ("GZipMiddleware", ["g", "zip", "middleware", "gzipmiddleware"]),
        ("U+2028", ["u", "2028", "u2028"]),
        ("[DONE]", ["done"]),
        ("Straße, ÉTÉ", ["strasse", "ete"]),
        ("proxy_buffering off;", ["proxy", "buffering", "proxybuffering", "off"]),
        ("数据 流", ["数据", "流"]),
        ("", []),
        ("\"'*()^:-", []),
    ],
)
def test_parts_and_the_whole(text: str, found: list[str]) -> None:
    assert terms(text) == found


def test_a_whole_address_is_no_word() -> None:
    assert max(map(len, terms("https://example.org/" + "a-b-" * 50))) <= LONGEST


def test_neighbours_may_be_one_word() -> None:
    assert wanted("keep alive") == [("keep", "keepalive"), ("alive", "keepalive")]
    assert wanted("gzip") == [("gzip",)]
    assert wanted("") == []


def test_fillers_are_left_out_unless_there_is_nothing_else() -> None:
    assert [group[0] for group in wanted("why is the stream not there")] == ["stream"]
    assert [group[0] for group in wanted("to be or not to be")] == ["to", "be", "or", "not", "to", "be"]
    assert all(word == fold(word) for word in FILLERS)
