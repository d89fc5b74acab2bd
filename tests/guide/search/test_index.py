"""The index: what ranks before what, word forms, beginnings, and words that mean something to SQLite."""

from __future__ import annotations

import sqlite3
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guide.book import Book
from guide.search.entries import KINDS, Entry, entries
from guide.search.index import Index
from tests.patience import seconds


def entry(id: str, title: str = "", names: tuple[str, ...] = (), text: str = "", kind: str = "fact") -> Entry:
    assert kind in KINDS
    return Entry(kind, id, title, (id, *names), text, "")


def found(words: str, *held: Entry, kinds: tuple[str, ...] = ()) -> list[str]:
    return [hit.entry.id for hit in Index(held).search(words, kinds)]


PROXY = entry("proxy", "A proxy buffers the response.", text="nginx does so by default")
RESET = entry("reset", "A reset ends the stream.", ("ECONNRESET",), "after a timeout of nginx")
SCAN = entry("scan", "A scanner holds it.", ("ESET",))
ALL = (PROXY, RESET, SCAN)
SMALL = Index(ALL)


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("buffering", ["proxy"]),
        ("BUFFERED", ["proxy"]),
        ("eset", ["scan"]),
        ("econnreset", ["reset"]),
        ("ECONN", ["reset"]),
        ("nginx timeout", ["reset"]),
        ("the", ["proxy", "reset"]),
        ("zebra", []),
        ("zebra unicorn proxy", []),
        ("", []),
        ("  ", []),
    ],
)
def test_word_forms_and_beginnings(words: str, ids: list[str]) -> None:
    assert sorted(found(words, *ALL)) == sorted(ids)


def test_title_and_names_stand_before_the_text() -> None:
    deep = entry("deep", "Something else.", text="a reset far below")
    assert found("reset", deep, RESET) == ["reset", "deep"]


def test_a_whole_name_stands_before_all_else() -> None:
    exact = entry("exact", "Long " * 30, ("idle timeout",), "and much more text " * 20)
    near = [entry(f"near{n}", "The idle timeout is reached.") for n in range(5)]
    assert found("idle timeout", *near, exact)[0] == "exact"


def test_two_short_words_that_look_like_forms_are_kept_apart() -> None:
    assert found("ios", entry("io", "io_uring"), entry("phone", "An iOS phone.")) == ["phone"]


def test_only_the_kinds_that_are_asked_for() -> None:
    need = entry("need", "Switch buffering off.", kind="need")
    assert found("buffering", PROXY, need, kinds=("need",)) == ["need"]
    assert set(found("buffering", PROXY, need)) == {"proxy", "need"}


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=80))
def test_no_text_is_a_mistake(words: str) -> None:
    SMALL.search(words)


@pytest.mark.parametrize(
    "words", ['"', "a AND b", "title:", "nginx*", "NEAR(a b)", "{x} : y", "- proxy", "\x00", "x" * 100_000]
)
def test_what_means_something_to_the_engine_is_only_text(words: str) -> None:
    found(words, *ALL)


def test_several_threads_search_at_once(ours: Book) -> None:
    assert sqlite3.threadsafety == 3, "built so that it lets one thread in at a time"
    index, results = Index(entries(ours)), list[list[str]]()

    def ask() -> None:
        results.append([hit.entry.id for hit in index.search("nginx buffering")])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert all(each == results[0] != [] for each in results)


def test_a_search_takes_no_time(ours: Book) -> None:
    index = Index(entries(ours))
    began = time.process_time()
    for _ in range(10):
        index.search("all tokens come at once at the end behind nginx")
    assert time.process_time() - began < seconds(0.5), "about 2 ms each on an idle machine"


def test_every_kind_has_entries(ours: Book) -> None:
    assert {each.kind for each in entries(ours)} == set(KINDS)
    ids = [(each.kind, each.id) for each in entries(ours)]
    assert len(ids) == len(set(ids))
