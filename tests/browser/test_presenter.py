"""The lab in front of an audience: keys, large type, one screen, few words read aloud."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from demos.scenarios import scenarios
from tests.browser.labs import choose, run, until_over
from tests.browser.screen import axe, settle

SCRIPTS = Path(__file__).parents[2] / "demos" / "browser" / "scenarios"


def panes(name: str) -> int:
    """How many a scenario's script has."""
    listed = (SCRIPTS / f"{name}.js").read_text(encoding="utf-8").partition("panes: [")[2].partition("],")[0]
    return listed.count("transport:")


TWO_PANES = [name for name, one in scenarios().items() if one.child is None and panes(name) == 2]
"""More of them need more room than such a screen has."""
SEEN = ("lab-predict", "lab-start", "lab-status", "pane-sse", "pane-websocket", "lab-timeline")


@pytest.fixture
def expected_errors() -> list[str]:
    return [r"404 .*/_stcore/(health|host-config)", r"ERR_CONNECTION_RESET", r"ERR_INCOMPLETE_CHUNKED_ENCODING"]


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


@pytest.mark.parametrize("name", TWO_PANES)
def test_a_run_of_two_panes_is_seen_at_once(app_url: str, page: Page, name: str) -> None:
    choose(page, app_url, name)
    for width, height in ((1280, 900), (1920, 1080)):  # a laptop, a projector
        page.set_viewport_size({"width": width, "height": height})
        settle(page)
        assert page.locator(".panes").get_attribute("data-panes") == "2"
        for place in [page.get_by_test_id(one) for one in SEEN] + [page.locator(".st-key-lab_picked")]:
            box = place.bounding_box()
            assert box is not None
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= height, (place, width)
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("panes", [2, 3, 4])
@pytest.mark.parametrize(("width", "columns"), [(390, {2: 1, 3: 1, 4: 1}), (1280, {2: 2, 3: 3, 4: 2})])
def test_panes_stand_in_a_grid_that_fits(
    app_url: str, page: Page, panes: int, width: int, columns: dict[int, int]
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    choose(page, app_url, "plain")
    lefts = page.locator(".panes").evaluate(
        """(root, count) => {
          while (root.children.length < count) root.append(root.lastElementChild.cloneNode(true));
          root.dataset.panes = count;
          root.closest(".lab").style.setProperty("--panes", count);
          return [...root.children].map(pane => {
            if (pane.scrollWidth > pane.clientWidth) throw new Error("a pane is too narrow for what it holds");
            return Math.round(pane.getBoundingClientRect().left);
          });
        }""",
        panes,
    )
    assert len(set(lefts)) == columns[panes]


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


def test_figures_of_four_panes_fit_a_phone(app_url: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    choose(page, app_url, "restart")
    rights = page.get_by_test_id("lab-table").evaluate(
        "table => [...table.querySelectorAll('th, td')]"
        ".map(cell => [cell.getBoundingClientRect().right, cell.scrollWidth - cell.clientWidth])"
    )
    assert rights
    assert max(right for right, _ in rights) <= 390
    assert max(spilt for _, spilt in rights) <= 1
