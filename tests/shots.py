"""Pictures of the app: `make shots`. The README's goes to docs/drop.png, all others to screenshots/."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from guide.book import book
from guide.book.link import encode
from tests.browser.chromium import FLAGS, find
from tests.browser.labs import choose, predict, run
from tests.browser.running import ROOT, running_app
from tests.browser.screen import lab_opens, settle

DROP = ROOT / "docs/drop.png"
GALLERY = ROOT / "screenshots"
THEMES = ("light", "dark")
WIDTHS = {"phone": 390, "laptop": 1280, "projector": 1920}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make shots ARGS=...", description="Pictures of the app.")
    parser.add_argument("--quick", action="store_true", help="the drop and one page, to see that it works")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="put all of them here")
    given = parser.parse_args()
    if find() is None:
        print("No Chromium on this machine.", file=sys.stderr)
        return 1
    drop, gallery = (given.to / DROP.name, given.to) if given.to else (DROP, GALLERY)
    pages = dict([*addresses().items()][:1] if given.quick else addresses())
    themes = THEMES[:1] if given.quick else THEMES
    sizes = dict([*WIDTHS.items()][:1] if given.quick else WIDTHS)
    gallery.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_app(Path(folder) / "log") as url, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find(), args=list(FLAGS))
        _shoot_drop(browser, url, drop)
        for theme in themes:
            for size, width in sizes.items():
                for name, path in pages.items():
                    _shoot(browser, f"{url}/{path}", gallery / f"{name}-{theme}-{size}.png", width, theme)
        browser.close()
    print(f"{drop} and {len(pages) * len(sizes) * len(themes)} pictures in {gallery}")
    return 0


def addresses() -> dict[str, str]:
    """Every page with something on it: its name in the gallery, and where it is."""
    answers = next(case.answers for case in book().cases.values() if case.preset and case.expect in book().options)
    token = encode(answers)
    question = [qid for qid in book().questions if qid in answers][-1]
    pages = {"start": "", "question": f"?a={token}&at={question}", "check": f"?a={token}&at=check"}
    pages |= {name: f"{name}?a={token}" for name in ("verdict", "lab", "proxies", "record", "library")}
    return pages | {"compare": f"compare?a={token}&b={encode({**answers, 'uplink': ('steady',)})}"}


def _shoot_drop(browser: Browser, url: str, to: Path) -> None:
    """The lab after a drop: both panes, and the timeline on which the cut can be seen."""
    page = browser.new_page(viewport={"width": 1280, "height": 950}, color_scheme="light", reduced_motion="reduce")
    choose(page, url, "drop", client="naive", ending="reset")
    predict(page, "none")
    run(page, rate="60")
    settle(page)
    page.evaluate("() => document.fonts.ready")
    page.screenshot(path=to)
    page.close()


def _shoot(browser: Browser, url: str, to: Path, width: int, theme: str) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    page.goto(url)
    settle(page)
    if "/lab" in url:
        lab_opens(page)
    page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton]')")  # a widget is being loaded
    page.evaluate("() => document.fonts.ready")
    page.screenshot(path=to, full_page=True)
    page.close()


if __name__ == "__main__":
    sys.exit(main())
