"""The lab in front of an audience: keys, large type, few words read aloud."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from demos.scenarios import scenarios
from tests.browser.labs import choose, run, until_over
from tests.browser.screen import axe, settle


@pytest.fixture
def expected_errors() -> list[str]:
    return [r"ERR_CONNECTION_RESET", r"ERR_INCOMPLETE_CHUNKED_ENCODING"]


def until_tokens(page: Page, count: int) -> None:
    page.wait_for_function(
        "([place, count]) => Number(place.textContent) >= count",
        arg=[page.get_by_test_id("sse-events").element_handle(), count],
    )


def test_a_run_by_keys_alone(app_url: str, page: Page) -> None:
    choose(page, app_url, "plain", mode="one")
    page.keyboard.press("s")
    until_tokens(page, 40)
    page.keyboard.press("d")
    expect(page.get_by_test_id("websocket-state")).to_contain_text("closed")
    page.keyboard.press("x")
    until_over(page)
    seed = page.get_by_test_id("lab-seed").input_value()
    page.keyboard.press("a")
    expect(page.get_by_test_id("lab-start")).to_be_disabled()
    assert page.get_by_test_id("lab-seed").input_value() != seed
    page.keyboard.press("w")
    expect(page.get_by_test_id("lab-wire-view")).to_be_visible()
    page.keyboard.press("w")
    expect(page.get_by_test_id("lab-wire-view")).to_be_hidden()


def test_the_list_of_keys_and_switching_them_off(app_url: str, page: Page) -> None:
    choose(page, app_url, "plain")
    page.keyboard.press("?")
    dialog = page.get_by_test_id("lab-keys-list")
    expect(dialog).to_be_visible()
    assert dialog.locator("dt").all_inner_texts() == ["s", "a", "d", "x", "w", "l", "?", "n", "p"]
    assert axe(page) == []
    page.keyboard.press("s")  # not while the list is read
    expect(page.get_by_test_id("lab-start")).to_be_enabled()
    page.get_by_test_id("lab-keys-on").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("w")
    expect(page.get_by_test_id("lab-wire-view")).to_be_hidden()
    page.reload()
    expect(page.get_by_test_id("lab-keys-on")).not_to_be_checked()


def test_what_is_typed_is_no_key(app_url: str, page: Page) -> None:
    choose(page, app_url, "plain")
    page.get_by_test_id("lab-settings").click()
    page.get_by_test_id("lab-question").fill("")
    page.get_by_test_id("lab-question").press_sequentially("swanl?")
    assert page.get_by_test_id("lab-question").input_value() == "swanl?"
    page.get_by_test_id("lab-wire").focus()
    page.keyboard.press("Control+s")
    expect(page.get_by_test_id("lab-start")).to_be_enabled()
    expect(page.get_by_test_id("lab-wire-view")).to_be_hidden()


def test_next_and_previous_scenario(app_url: str, page: Page) -> None:
    first, second, *_ = scenarios()
    choose(page, app_url, first)
    page.keyboard.press("p")  # there is none before it
    page.keyboard.press("n")
    page.wait_for_url(f"**/lab?*s={second}*")
    settle(page)
    expect(page.locator(".st-key-lab_picked button[data-selected=true]")).to_have_count(1)
    page.keyboard.press("p")
    page.wait_for_url(f"**/lab?*s={first}*")
    settle(page)
    expect(page.get_by_test_id("lab-start")).to_be_enabled()
    page.keyboard.press("s")
    until_tokens(page, 10)


def letters(place: Locator) -> float:
    size: float = place.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    return size


def test_large_type_is_remembered_and_does_without_a_memory(app_url: str, page: Page) -> None:
    choose(page, app_url, "plain")
    text = page.get_by_test_id("sse-text")
    usual = letters(text)
    page.keyboard.press("l")
    assert letters(text) > 1.25 * usual
    page.reload()
    expect(page.get_by_test_id("lab-large")).to_have_attribute("aria-pressed", "true")
    assert letters(text) > 1.25 * usual
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no store') } })")
    page.reload()
    expect(page.get_by_test_id("lab-large")).to_have_attribute("aria-pressed", "false")
    page.get_by_test_id("lab-large").click()
    assert letters(text) > 1.25 * usual


def test_few_words_are_read_aloud(app_url: str, page: Page) -> None:
    choose(page, app_url, "drop", client="right", ending="reset")
    said = page.get_by_test_id("lab-said")
    said.evaluate(
        "node => { window.said = []; new MutationObserver(() => window.said.push(node.textContent))"
        ".observe(node, { childList: true, characterData: true, subtree: true }) }"
    )
    run(page, rate="60")
    aloud = page.evaluate("() => window.said")
    assert 2 <= len(aloud) <= 4, aloud
    assert aloud[-1] == page.get_by_test_id("lab-status").inner_text()


def test_the_logo_is_whole(app_url: str, browser: Browser) -> None:
    """Drawn with outlines: no font of the reader's decides how wide it is."""
    page = browser.new_page(viewport={"width": 400, "height": 60})
    page.goto(f"{app_url}/app/static/logo.svg")
    right, width = page.evaluate(
        "() => { const svg = document.documentElement; return [Math.max(...[...svg.children].map(one =>"
        " one.getBBox().x + one.getBBox().width)), svg.viewBox.baseVal.width]; }"
    )
    assert 0 < width - right < 6
    assert page.locator("text").count() == 0
    page.close()
