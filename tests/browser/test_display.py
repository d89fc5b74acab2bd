"""What the lab draws while a run is on, and once more when it is over, however it ends."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.scripts import evaluated

_DISPLAY = """
  const root = document.createElement("section");
  root.innerHTML = `<canvas></canvas><p class="legend"></p><p class="sentence"></p>
    <div class="measured"><table><thead></thead><tbody></tbody></table></div>
    <div class="wire"><button data-testid="lab-whole"></button><div class="sums"></div><div class="rows"></div></div>`;
  const display = new Display(root, [], [], WORDS);
  const drawn = [];
  display.timeline.draw = () => drawn.push(["timeline", display.timeline.ended]);
  display.wire.draw = (now) => drawn.push(["wire", Boolean(now)]);
"""


@pytest.mark.parametrize("how", ["ends", "fails"])
def test_what_came_last_is_drawn_however_a_run_ends(page: Page, how: str) -> None:
    drawn = evaluated(page, f"{_DISPLAY} display[given[0]](5); return drawn;", how)
    assert drawn == [["timeline", 5], ["wire", True]]


def test_a_run_is_drawn_until_it_is_over_and_not_with_every_frame(page: Page) -> None:
    frames, drawings, after = evaluated(
        page,
        f"""{_DISPLAY}
        let [on, frames] = [true, 0];
        display.follow(() => on);
        const count = (done) => requestAnimationFrame(() => (++frames < 60 ? count(done) : done()));
        await new Promise(count);
        on = false;
        const begun = drawn.length;
        await new Promise((done) => setTimeout(done, 500));
        return [frames, begun / 2, (drawn.length - begun) / 2];""",
    )
    assert frames == 60
    assert 2 <= drawings <= frames / 2
    assert after == 1, "the last one"
