"""The lab's scripts by themselves, in a real browser on a blank page: no app, no server, no canvas unless asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from demos.pages.lab import SCRIPT
from guide.book import book

STAND_INS = (Path(__file__).parent / "stand_ins.js").read_text(encoding="utf-8")


def evaluated(page: Page, body: str, *given: Any) -> Any:
    """What `body`, the body of an async function, returns. It sees the lab's own names, `WORDS` and `given`."""
    return page.evaluate(
        f"([WORDS, ...given]) => {{ {SCRIPT}\n return (async () => {{ {STAND_INS}\n{body} }})(); }}",
        [dict(book().words), *given],
    )
