"""A run saved, opened and replayed: offline, marked as what it is, never kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request, WebSocket, expect

from tests.browser.labs import choose, row, run
from tests.browser.run_files import offer, small
from tests.browser.screen import axe, settle

FIGURES = ("tokens", "events", "lost", "repeated", "reconnects")
OVER_MS = 60_000


@pytest.fixture
def expected_errors() -> list[str]:
    cut = [r"ERR_CONNECTION_(RESET|REFUSED)", r"ERR_INCOMPLETE_CHUNKED_ENCODING", r"WebSocket connection to .* failed"]
    foreign = [r"blocked by CORS policy", r"net::ERR_FAILED"]
    return [r"404 .*/api/threads/", *cut, *foreign]


class Asked:
    """What the page asks of the demo server from now on."""

    def __init__(self, page: Page) -> None:
        self.urls: list[str] = []
        page.on("request", self._request)
        page.on("websocket", self._websocket)

    def _request(self, request: Request) -> None:
        if "/api/" in request.url:
            self.urls.append(request.url)

    def _websocket(self, websocket: WebSocket) -> None:
        self.urls.append(websocket.url)


def save(page: Page, path: Path) -> dict[str, Any]:
    with page.expect_download() as download:
        page.get_by_test_id("lab-save").click()
    assert download.value.suggested_filename.endswith(".json")
    download.value.save_as(path)
    saved: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return saved


def test_a_saved_run_is_replayed_as_it_was_and_asks_nobody(app_url: str, page: Page, tmp_path: Path) -> None:
    choose(page, app_url, "drop", client="right", ending="reset")
    expect(page.get_by_test_id("lab-save")).to_be_disabled()
    run(page, rate="60")
    figures = {name: row(page, name) for name in FIGURES}
    texts = [page.get_by_test_id(f"{one}-text").inner_text() for one in ("sse", "websocket")]
    sentence = page.get_by_test_id("lab-sentence").inner_text()
    saved = save(page, tmp_path / "run.json")
    assert (saved["format"], saved["version"], saved["scenario"]) == ("streamwise-run", 1, "drop")
    assert saved["versions"]["streamlit"]
    assert "answers" not in saved["settings"]
    assert all(one["downs"] and one["measured"]["lost"] == 0 for one in saved["panes"])

    choose(page, app_url, "drop")  # a fresh page, which knows nothing of the run
    asked = Asked(page)
    page.context.set_offline(True)
    page.get_by_test_id("lab-file").set_input_files(tmp_path / "run.json")
    expect(page.get_by_test_id("lab-status")).to_contain_text("Replay of a run taken")
    expect(page.get_by_test_id("lab-replayed")).to_contain_text("unverified")
    expect(page.get_by_test_id("lab-start")).to_be_disabled()
    page.get_by_test_id("lab-faster").click()
    expect(page.get_by_test_id("lab-status")).to_contain_text("The replay is over", timeout=OVER_MS)
    assert {name: row(page, name) for name in FIGURES} == figures
    assert [page.get_by_test_id(f"{one}-text").inner_text() for one in ("sse", "websocket")] == texts
    assert page.get_by_test_id("lab-sentence").inner_text() == sentence
    expect(page.get_by_test_id("lab-judged")).to_contain_text("unverified")
    expect(page.get_by_test_id("lab-save")).to_be_disabled()
    expect(page.get_by_text("Kept for your decision record")).to_have_count(0)
    assert asked.urls == []
    page.context.set_offline(False)


@pytest.mark.parametrize("scenario", ["stop", "finished", "restart", "tabs", "origin", "clients"])
def test_what_a_scenario_draws_and_counts_itself_is_told_again(
    app_url: str, page: Page, tmp_path: Path, scenario: str
) -> None:
    choose(page, app_url, scenario)
    run(page)
    said = [page.get_by_test_id(place) for place in ("lab-table", "lab-sentence")]
    texts = [one.inner_text() for one in said]
    save(page, tmp_path / "run.json")
    page.get_by_test_id("lab-file").set_input_files(tmp_path / "run.json")
    page.get_by_test_id("lab-faster").click()
    expect(page.get_by_test_id("lab-status")).to_contain_text("The replay is over", timeout=OVER_MS)
    assert [one.inner_text() for one in said] == texts


@pytest.mark.parametrize("scenario", ["large", "viewer"])
def test_events_and_marks_of_every_kind_are_replayed(app_url: str, page: Page, tmp_path: Path, scenario: str) -> None:
    choose(page, app_url, scenario)
    run(page, rate="60")
    figures = {name: row(page, name) for name in FIGURES}
    sentence = page.get_by_test_id("lab-sentence").inner_text()
    save(page, tmp_path / "run.json")
    page.get_by_test_id("lab-file").set_input_files(tmp_path / "run.json")
    page.get_by_test_id("lab-faster").click()
    expect(page.get_by_test_id("lab-status")).to_contain_text("The replay is over", timeout=OVER_MS)
    assert {name: row(page, name) for name in FIGURES} == figures
    assert page.get_by_test_id("lab-sentence").inner_text() == sentence


def test_a_replay_keeps_the_time_of_the_run_and_can_be_faster(app_url: str, page: Page) -> None:
    file = small() | {"lasted": 4000}
    choose(page, app_url, "plain")

    def lasts(faster: bool) -> float:
        offer(page, json.dumps(file))
        expect(page.get_by_test_id("lab-replayed")).to_be_visible()
        begun = page.evaluate("() => performance.now()")
        if faster:
            page.get_by_test_id("lab-faster").click()
        expect(page.get_by_test_id("lab-status")).to_contain_text("The replay is over", timeout=OVER_MS)
        ended: float = page.evaluate("() => performance.now()")
        return ended - float(begun)

    assert lasts(faster=False) > 3500
    assert lasts(faster=True) < 3000
    page.get_by_test_id("lab-end").click()
    expect(page.get_by_test_id("lab-replayed")).to_be_hidden()
    expect(page.get_by_test_id("lab-status")).to_contain_text("Nothing is connected yet")
    run(page, rate="60")  # the lab is itself again
    assert row(page, "lost") == [0, 0]


def test_ending_a_replay_in_the_middle_leaves_nothing_behind(app_url: str, page: Page) -> None:
    choose(page, app_url, "plain")
    offer(page, json.dumps(small() | {"lasted": 60_000}))
    expect(page.get_by_test_id("sse-text")).to_contain_text("one two")
    assert axe(page) == []
    page.get_by_test_id("lab-end").click()
    expect(page.get_by_test_id("sse-text")).to_have_text("")
    expect(page.get_by_test_id("lab-start")).to_be_enabled()


def test_leaving_in_the_middle_of_a_replay_is_no_error(app_url: str, page: Page) -> None:
    choose(page, app_url, "plain")
    offer(page, json.dumps(small() | {"lasted": 60_000}))
    expect(page.get_by_test_id("sse-text")).to_contain_text("one two")
    page.get_by_role("link", name="Record", exact=True).first.click()
    settle(page)
    expect(page.get_by_test_id("lab-start")).to_have_count(0)
