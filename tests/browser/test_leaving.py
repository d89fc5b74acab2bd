"""Whatever a scenario opens is closed when its page is left: counted by the server."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from demos.scenarios import scenarios
from tests.browser.labs import choose, until_streams
from tests.browser.screen import lab_opens, settle
from tests.patience import seconds

GONE_S = seconds(1.0)
"""A page that was left must have closed every stream within this time."""
OPENS_S = seconds(15.0)


@pytest.fixture
def expected_errors() -> list[str]:
    return [r"ERR_", r"WebSocket connection to .* failed"]


NAMES = [name for name, scenario in scenarios().items() if scenario.child is None]


def start(app_url: str, page: Page) -> None:
    page.get_by_test_id("lab-start").click()
    assert until_streams(app_url, lambda count: count > 0, OPENS_S) > 0


@pytest.mark.parametrize("name", NAMES)
def test_leaving_closes_every_connection(app_url: str, page: Page, name: str) -> None:
    assert until_streams(app_url, lambda count: count == 0, OPENS_S) == 0  # those of the test before
    choose(page, app_url, name)
    start(app_url, page)
    page.get_by_role("link", name="Record", exact=True).first.click()
    expect(page.get_by_test_id("lab-start")).to_have_count(0)
    assert until_streams(app_url, lambda count: count == 0, GONE_S) == 0, "for another page of the app"

    page.get_by_role("link", name="Lab", exact=True).first.click()
    lab_opens(page)
    settle(page)
    start(app_url, page)
    page.goto("about:blank")
    assert until_streams(app_url, lambda count: count == 0, GONE_S) == 0, "for another address"


@pytest.mark.parametrize("name", NAMES[:3])
def test_another_scenario_closes_every_connection(app_url: str, page: Page, name: str) -> None:
    """It unmounts as another page does."""
    assert until_streams(app_url, lambda count: count == 0, OPENS_S) == 0
    choose(page, app_url, name)
    start(app_url, page)
    page.locator(".st-key-lab_picked button:not([data-selected=true])").first.click()
    settle(page)  # while Streamlit changes them, both scenarios are in the page
    expect(page.get_by_test_id("lab-start")).to_be_enabled()
    assert until_streams(app_url, lambda count: count == 0, GONE_S) == 0
