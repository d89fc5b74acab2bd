"""The start page in a real browser: its picture plays once and rests, or rests at once where nothing shall move."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from guide.pages.frame import word
from guide.pages.start.drop_picture import CUT_AFTER
from tests.browser.screen import settle

MOST_MS = 5000
"""What moves longer must have a switch (WCAG 2.2.2)."""
_PLAYS = """(picture) => {
  const ends = picture.getRootNode().getAnimations().map(({ effect }) => effect.getComputedTiming().endTime);
  return { count: ends.length, last: Math.max(0, ...ends) };
}"""
_RESTS = """async (picture) => {
  const moves = () => picture.getRootNode().getAnimations();
  await Promise.all(moves().map(({ finished }) => finished));
  return moves().filter(({ playState }) => playState === "running").length;
}"""


def test_the_picture_plays_once_and_rests_at_what_it_shows(app_url: str, page: Page) -> None:
    page.goto(app_url)
    settle(page)
    picture = page.get_by_role("img", name=word("picture.alternative"))
    expect(picture).to_be_visible()
    first, second = picture.locator(".lane").all()
    tokens = word("picture.answer").split()
    assert picture.evaluate(_RESTS) == 0
    expect(first.locator(".answer")).to_have_text(" ".join(tokens))
    expect(second.locator(".answer")).to_have_text(" ".join(tokens[:CUT_AFTER]))
    assert first.locator(".cut").evaluate("cut => getComputedStyle(cut, '::before').opacity") == "0"
    assert second.locator(".cut").evaluate("cut => getComputedStyle(cut, '::before').opacity") == "1"
    page.get_by_role("button", name=word("picture.replay")).click()
    plays = picture.evaluate(_PLAYS)
    assert plays["count"] > len(tokens)
    assert 1000 < plays["last"] <= MOST_MS
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("button", name=word("picture.replay")).click()
    assert picture.evaluate(_PLAYS)["count"] == 0
    expect(picture.locator(".lane").first.locator(".end")).to_have_css("opacity", "1")
