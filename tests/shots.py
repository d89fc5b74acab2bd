"""Pictures of the app: `make shots`. The README's goes to docs/drop.png, all others to screenshots/."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from guide.book import book
from guide.book.link import encode
from tests.browser.chromium import FLAGS, find
from tests.browser.labs import choose, predict, run
from tests.browser.running import ROOT, running_app
from tests.browser.screen import settle

DROP = ROOT / "docs/drop.png"
GALLERY = ROOT / "screenshots"
WIDTHS = {"phone": 390, "laptop": 1280, "projector": 1920}


def main() -> int:
    if find() is None:
        print("No Chromium on this machine.", file=sys.stderr)
        return 1
    answers = next(case.answers for case in book().cases.values() if case.preset and case.expect in book().options)
    token = encode(answers)
    question = [qid for qid in book().questions if qid in answers][-1]
    pages = {"start": "", "question": f"?a={token}&at={question}", "check": f"?a={token}&at=check"}
    pages |= {name: f"{name}?a={token}" for name in ("verdict", "lab", "record")}
    with tempfile.TemporaryDirectory() as folder, running_app(Path(folder) / "log") as url, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find(), args=list(FLAGS))
        _shoot_drop(browser, url, DROP)
        for theme in ("light", "dark"):
            for size, width in WIDTHS.items():
                for name, path in pages.items():
                    _shoot(browser, f"{url}/{path}", GALLERY / f"{name}-{theme}-{size}.png", width, theme)
        browser.close()
    gallery = len(pages) * len(WIDTHS) * 2
    print(f"docs/drop.png and {gallery} pictures in {GALLERY.relative_to(ROOT)}/")
    return 0


def _shoot_drop(browser: Browser, url: str, to: Path) -> None:
    """The lab after a drop: both panes, and the timeline on which the cut can be seen."""
    page = browser.new_page(viewport={"width": 1280, "height": 950}, color_scheme="light", reduced_motion="reduce")
    choose(page, url, "drop", client="naive", ending="reset")
    predict(page, "none")
    run(page, rate="60")
    page.get_by_test_id("lab-settings").click()  # `run` has opened them
    settle(page)
    page.evaluate("() => document.fonts.ready")
    page.screenshot(path=to)
    page.close()


def _shoot(browser: Browser, url: str, to: Path, width: int, theme: str) -> None:
    to.parent.mkdir(exist_ok=True)
    page = browser.new_page(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    page.goto(url)
    settle(page)
    page.evaluate("() => document.fonts.ready")
    page.screenshot(path=to, full_page=True)
    page.close()


if __name__ == "__main__":
    sys.exit(main())
