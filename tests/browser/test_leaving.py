"""Whatever a scenario opens is closed when its page is left: counted by the server."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from demos.scenarios import scenarios
from tests.browser.labs import choose, until_streams
from tests.browser.screen import settle

GONE_S = 1.0
"""A page that was left must have closed every stream within this time."""
OPENS_S = 15.0


@pytest.fixture
def expected_errors() -> list[str]:
    return [r"404 .*/_stcore/(health|host-config)", r"ERR_", r"WebSocket connection to .* failed"]


NAMES = [name for name, scenario in scenarios().items() if scenario.child is None]
WAYS = [(name, way) for way in ("other page of the app", "other address") for name in NAMES]
WAYS += [(name, "other scenario") for name in NAMES[:3]]  # unmounts as another page does


@pytest.mark.parametrize(("name", "leave"), WAYS)
def test_leaving_closes_every_connection(app_url: str, page: Page, name: str, leave: str) -> None:
    assert until_streams(app_url, lambda count: count == 0, OPENS_S) == 0  # those of the test before
    choose(page, app_url, name)
    page.get_by_test_id("lab-start").click()
    assert until_streams(app_url, lambda count: count > 0, OPENS_S) > 0
    if leave == "other address":
        page.goto("about:blank")
    elif leave == "other scenario":
        others = page.locator(".st-key-lab_picked button:not([data-selected=true])")
        others.first.click()
        settle(page)  # while Streamlit changes them, both scenarios are in the page
        expect(page.get_by_test_id("lab-start")).to_be_enabled()
    else:
        page.get_by_role("link", name="Record", exact=True).first.click()
        expect(page.get_by_test_id("lab-start")).to_have_count(0)
    assert until_streams(app_url, lambda count: count == 0, GONE_S) == 0
