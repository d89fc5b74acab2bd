"""A room on networks that hinder streams, with real proxies in front: it works in each, and says what it found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Page, expect

from demos.processes.demo_server import served
from demos.proxies import catalog as proxies
from demos.proxies.running import proxied
from guide.book import book
from tests.browser.led_room import LedRoom, led_room

WORDS = book().words
PASSED_ON = "proxy_pass http://{{upstream}};"
HOST = f"{PASSED_ON} proxy_set_header Host $http_host;"  # or the page's own origin would be a foreign one
HOLDS = "proxy_http_version 1.0; proxy_ignore_headers X-Accel-Buffering;"
CUT_AFTER_S = 10

pytestmark = pytest.mark.proxy


@dataclass(frozen=True)
class Network:
    """A proxy's first configuration, with one line in place of another. `finds`: the lead's count that tells of it."""

    proxy: str
    line: str
    instead: str
    finds: str


NETWORKS = {
    "blocks WebSocket": Network("nginx", PASSED_ON, HOST, "blocked"),
    "holds streams back": Network("nginx", PASSED_ON, f"{HOST} {HOLDS}", "buffered"),
    f"cuts after {CUT_AFTER_S} s": Network(
        "envoy", "route: {cluster: app}", f"route: {{cluster: app, timeout: {CUT_AFTER_S}s}}", "blocked"
    ),
}


@pytest.fixture
def expected_errors() -> list[str]:
    return ["WebSocket connection", r"ERR_(INCOMPLETE_CHUNKED_ENCODING|CONNECTION_\w+|ABORTED)"]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with served() as found:
        yield f"http://127.0.0.1:{found.port}"


@pytest.mark.parametrize("named", NETWORKS)
def test_a_room_works_there_and_says_what_it_found(
    server: str, page: Page, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, first = NETWORKS[named], proxies.template
    found = proxies.binaries(network.proxy)
    if not found:
        pytest.skip(f"{network.proxy} is not on this machine")

    def changed(name: str, config: str) -> str:
        text = first(name, config)
        assert network.line in text
        return text.replace(network.line, network.instead)

    monkeypatch.setattr(proxies, "template", changed)
    with led_room(server, "all") as room, proxied(found[0], "default", httpx.URL(server).port or 0) as proxy:
        page.goto(f"{proxy.api.removesuffix('/api')}/r/{room.code}")
        plays(page, room, whole=network.finds != "buffered")
        assert room.state()["counts"][network.finds] == 1
        if network.finds == "blocked":
            assert room.state()["result"]["blocked"] == 1


def plays(page: Page, room: LedRoom, whole: bool) -> None:
    """Somebody joins, expects, reads what can be read, and sees the own figures; longer than the network's patience.

    `whole`: whether all of the answer comes. What is held back ends in a buffer, and its last tokens stay there.
    """
    page.get_by_role("button", name=WORDS["room.phone.join.go"]).click()
    expect(page.get_by_test_id("checks").locator("li")).to_have_count(3)
    expect(page.get_by_test_id("checks").locator("li[data-good=false]")).not_to_have_count(0)
    room.go_to("silence")  # ten seconds and more
    expect(page.get_by_role("heading", level=1)).to_have_text(WORDS["room.round.silence.title"])
    page.locator("[data-choice=never]").click()
    expect(page.locator("[data-choice][aria-pressed=true]")).to_have_attribute("data-choice", "never")
    room.do("next")
    assert room.until("reveal")["counts"]["received"] == 1
    expect(page.locator("tr[data-figure=lost] td b").first).to_have_text("0" if whole else re.compile(r"^\d+$"))
    expect(page.locator("tr[data-figure=tokens] td b").first).to_have_text("120" if whole else re.compile(r"^[1-9]"))
