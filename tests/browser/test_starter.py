"""The starter's page in a real browser, behind real proxies: six projects, each from its first word to its last."""

from __future__ import annotations

import re
import time
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.screen import Scheme, axe
from tests.browser.starters import TOKEN, Kind, Starter, starter
from tests.patience import milliseconds, seconds

LONG = " ".join(f"word{n}" for n in range(80))
LONGER = " ".join(f"word{n}" for n in range(500))
REFUND = "Refund 40 EUR for order 1182"
EVERY = {"websocket": 700, "fallback": 700}
"""Bytes between two cuts: some events of an answer, and all heads of what asks for it. Messages are compressed."""
POST = Kind("post", "header", "memory", "nginx")
KINDS = (
    Kind("sse", "none", "redis", "traefik"),
    Kind("sse", "cookie", "memory", "none"),
    Kind("fetch", "header", "redis", "caddy", cut_behind_proxy=True),
    Kind("websocket", "cookie", "redis", "haproxy", cut_behind_proxy=True),
    Kind("fallback", "cookie", "memory", "envoy"),
)
pytestmark = pytest.mark.proxy


@pytest.fixture
def expected_errors() -> list[str]:
    """What Chromium says about connections that are cut, and about a server that is down or has forgotten."""
    return [
        r"net::ERR_(CONNECTION|INCOMPLETE|EMPTY|SOCKET)",
        r"status of (404|50[234])",
        r"WebSocket connection to .* failed",
    ]


def whole(prompt: str, turn: int) -> str:
    told = f'You asked: "{prompt}" This is question {turn} of our talk. A model would answer here, word by word.'
    return f"{told} Ask me to refund 40 EUR for order 1182 to see a question."


def answer(page: Page) -> Locator:
    """The newest answer."""
    return page.locator("main > div").last


def line(page: Page) -> Locator:
    return page.get_by_role("status")


def ask(page: Page, prompt: str) -> None:
    box = page.get_by_label("Your question")
    box.fill(prompt)
    box.press("Enter")
    expect(page.locator(".asked").last).to_have_text(prompt)
    expect(answer(page)).to_have_text(re.compile(r"\S"))


def is_complete(page: Page, text: str) -> None:
    expect(line(page)).to_have_text("The answer is complete")
    assert answer(page).inner_text() == text


def opened(page: Page, project: Starter) -> None:
    page.goto(project.url)
    assert TOKEN not in page.url
    expect(page.get_by_label("Your question")).to_be_focused()


def stop(page: Page) -> None:
    ask(page, LONGER)
    page.get_by_role("button", name="Stop").click()
    expect(line(page)).to_have_text("Stopped", timeout=milliseconds(2000))
    expect(page.get_by_role("button", name="Send")).to_be_enabled()
    assert LONGER not in answer(page).inner_text()


def is_accessible(page: Page) -> None:
    schemes: tuple[Scheme, ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        assert axe(page) == []


def waits(page: Page) -> Locator:
    """The question that is open."""
    expect(line(page)).to_have_text("The agent waits for your answer")
    asked = page.get_by_role("group", name="Refund 40 EUR for order 1182?")
    expect(asked.get_by_role("button")).to_have_text(["Yes", "No"])
    return asked


def is_refunded(page: Page, asked: Locator) -> None:
    asked.get_by_role("button", name="Yes").click()
    expect(asked).to_have_count(0)
    expect(line(page)).to_have_text("The answer is complete")
    expect(answer(page)).to_contain_text("40 EUR were refunded for order 1182. Is there anything else?")
    assert answer(page).inner_text().count("were refunded") == 1


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_project_survives_what_paths_do(kind: Kind, page: Page, tmp_path: Path) -> None:
    with starter(kind, tmp_path) as project:
        opened(page, project)
        project.relay.plan("rst", "fin", "rst", every=EVERY.get(kind.transport, 1500))
        ask(page, LONG)
        is_complete(page, whole(LONG, 1))
        assert project.relay.cuts == 3
        ask(page, "And now?")
        is_complete(page, whole("And now?", 2))
        ask(page, REFUND)
        waits(page)
        if kind.log == "redis":
            project.restart()
        page.reload()
        expect(page.locator(".asked")).to_have_text([LONG, "And now?", REFUND])
        asked = waits(page)
        assert page.locator("main > div").first.inner_text() == whole(LONG, 1)
        is_accessible(page)
        is_refunded(page, asked)
        stop(page)
        if kind.log == "memory":
            forgets(page, project)
        assert "Traceback" not in project.end()


def forgets(page: Page, project: Starter) -> None:
    """A server that keeps all in its memory begins anew in mid-answer: the page says so, and begins anew too."""
    ask(page, LONGER)
    project.restart()
    expect(line(page)).to_have_text("The server does not know this conversation any more")
    is_accessible(page)
    ask(page, "And now?")
    is_complete(page, whole("And now?", 1))


def test_one_post_is_asked_again_when_the_user_wants_it(page: Page, tmp_path: Path) -> None:
    with starter(POST, tmp_path, MOST_RUNS_OF_ONE=2) as project:
        opened(page, project)
        project.relay.plan("rst", every=1500)
        ask(page, LONG)
        expect(line(page)).to_contain_text("The connection was lost")
        assert answer(page).inner_text() != whole(LONG, 1)
        is_accessible(page)
        page.get_by_role("button", name="Ask again").click()
        is_complete(page, whole(LONG, 1))
        ask(page, "And now?")
        is_complete(page, whole("And now?", 2))
        ask(page, REFUND)
        asked = waits(page)
        is_accessible(page)
        is_refunded(page, asked)
        page.reload()
        expect(page.locator(".asked")).to_have_text([LONG, "And now?", REFUND])
        stop(page)
        is_over(project)
        assert "Traceback" not in project.end()


def is_over(project: Starter) -> None:
    """Of two answers at once the server has one more to give: the one that was stopped does not go on."""
    ends = time.monotonic() + seconds(2)
    client = httpx.Client(base_url=f"http://127.0.0.1:{project.served.port}", trust_env=False, timeout=seconds(30))
    client.headers["Authorization"] = f"Bearer {TOKEN}"
    asked = {"messages": [{"role": "user", "content": LONGER}]}
    with client, client.stream("POST", "/answers", json=asked) as first:
        assert first.status_code == 200
        while True:
            with client.stream("POST", "/answers", json=asked) as second:
                if second.status_code == 200:
                    return
            assert time.monotonic() < ends, "what was stopped goes on"
