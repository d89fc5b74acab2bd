"""The lab on a laptop, a projector and a phone: what is seen at once, what folds away, and that nothing moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from demos.scenarios import scenarios
from guide.book import book
from tests.browser.labs import choose, predict, until_over
from tests.browser.screen import axe, settle
from tests.patience import milliseconds

SCRIPTS = Path(__file__).parents[2] / "demos" / "browser" / "scenarios"


def panes(name: str) -> int:
    """How many a scenario's script has."""
    listed = (SCRIPTS / f"{name}.js").read_text(encoding="utf-8").partition("panes: [")[2].partition("],")[0]
    return listed.count("transport:")


TWO_PANES = [name for name, one in scenarios().items() if one.child is None and panes(name) == 2]
"""More of them need more room than such a screen has."""
LEAST_TEXT_PX = 220
"""Height of what a pane shows of an answer, on a laptop: ten lines."""
SEEN = ("lab-predict", "lab-start", "lab-status", "pane-sse", "pane-websocket", "lab-timeline")


@pytest.fixture
def expected_errors() -> list[str]:
    cut = [r"ERR_CONNECTION_(RESET|REFUSED)", r"ERR_INCOMPLETE_CHUNKED_ENCODING", r"404 .*/api/threads/", r"503"]
    return [r"404 .*/_stcore/(health|host-config)", *cut]


def heights(page: Page, selector: str) -> list[int]:
    found: list[int] = page.locator(selector).evaluate_all(
        "all => all.map(one => Math.round(one.getBoundingClientRect().height))"
    )
    return found


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
        assert all(tall >= LEAST_TEXT_PX for tall in heights(page, ".text")), (width, heights(page, ".text"))


@pytest.mark.parametrize("panes", [2, 3, 4])
@pytest.mark.parametrize(("width", "columns"), [(390, {2: 1, 3: 1, 4: 1}), (1280, {2: 2, 3: 3, 4: 4})])
def test_panes_stand_in_a_grid_that_fits(
    app_url: str, page: Page, panes: int, width: int, columns: dict[int, int]
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    choose(page, app_url, "plain")
    tall = heights(page, ".pane")[0]
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
    if width > 640:  # a phone has less room for each
        assert set(heights(page, ".pane")) == {tall}, "nothing jumps from one scenario to another"


PHONE = 390


@pytest.mark.parametrize(
    ("scenario", "needed"),
    [("approve", ("lab-stop", "sse-approve", "websocket-approve")), ("restart", ())],
    ids=["two panes", "four panes"],
)
def test_a_phone_shows_the_whole_run_after_start(
    app_url: str, page: Page, scenario: str, needed: tuple[str, ...]
) -> None:
    page.set_viewport_size({"width": PHONE, "height": 844})
    choose(page, app_url, scenario)
    expect(page.get_by_test_id("lab-table")).to_be_hidden()
    page.get_by_test_id("lab-start").click()
    expect(page.locator("#lab-setup")).to_be_hidden()
    for place in (page.get_by_test_id("lab-status"), *page.locator(".pane").all()):
        expect(place).to_be_in_viewport(ratio=1, timeout=milliseconds(1000))
    for name in needed:
        expect(page.get_by_test_id(name)).to_be_in_viewport(ratio=1)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE
    if "sse-approve" in needed:
        covered = "(ask, other) => ask.getBoundingClientRect().top < other.getBoundingClientRect().bottom"
        asks, text = page.locator(".ask").first, page.get_by_test_id("sse-text")
        assert not asks.evaluate(covered, text.element_handle()), "what is approved stands above the question"
        page.get_by_test_id("sse-approve").click()
    until_over(page)
    rights = page.get_by_test_id("lab-table").evaluate(
        "table => [...table.querySelectorAll('th, td')]"
        ".map(cell => [cell.getBoundingClientRect().right, cell.scrollWidth - cell.clientWidth])"
    )
    assert rights
    assert max(right for right, _ in rights) <= PHONE
    assert max(spilt for _, spilt in rights) <= 1


def test_the_set_up_folds_into_what_was_chosen_and_nothing_moves_until_the_end(app_url: str, page: Page) -> None:
    choose(page, app_url, "drop", client="right", ending="clean")
    predict(page, "none")
    expect(page.get_by_test_id("lab-table")).to_be_hidden()
    page.get_by_test_id("lab-start").click()
    expect(page.get_by_test_id("lab-picked")).to_have_text(
        "EventSource · Clients that resume · Clean close · Seed 7 · You expect: None"
    )
    places = [page.locator(one) for one in (".panes", ".timeline", ".tools", ".result > h2", ".st-key-lab_kept")]
    before = [place.bounding_box() for place in places]
    until_over(page)
    assert [place.bounding_box() for place in places] == before
    expect(page.get_by_test_id("lab-table")).to_be_visible()
    assert axe(page) == []
    page.get_by_test_id("lab-setup").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("lab-predict")).to_be_visible()
    page.get_by_test_id("lab-client").locator("input:checked").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_test_id("lab-client").locator("input:checked")).to_have_value("again")
    page.keyboard.press("Shift+Tab")
    page.get_by_test_id("lab-setup").click()
    expect(page.get_by_test_id("lab-predict")).to_be_hidden()


def test_a_link_to_no_scenario_says_so_and_shows_the_first(app_url: str, page: Page) -> None:
    first, second, *_ = scenarios()
    choose(page, app_url, "nonsense`*")
    warning = page.get_by_test_id("stAlert")
    expect(warning).to_contain_text("'nonsense*' is not the name of a scenario")
    expect(warning).not_to_contain_text(book().words["link.nothing_kept"])  # it is no link to answers

    def chosen(name: str) -> Locator:
        # Streamlit keeps an old row for a moment beside the new one.
        return page.get_by_role("radio", name=book().words[f"scenario.{name}.title"], checked=True).first

    expect(chosen(first)).to_be_visible()
    page.keyboard.press("n")
    expect(chosen(second)).to_be_visible()
    expect(warning).to_have_count(0)
