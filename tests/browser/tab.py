"""One tab for many tests: its process keeps the app's scripts, which is half of what the start of a page costs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page

LASTING = (
    "add_init_script",
    "emulate_media",
    "expose_binding",
    "expose_function",
    "on",
    "once",
    "route",
    "route_web_socket",
    "set_viewport_size",
)
"""What changes a tab for good, or is not worth undoing: the next test gets a fresh one."""
BLANK = "about:blank"


class Tab:
    """A tab that is used again, unless a test has changed more of it than its address."""

    def __init__(self, visitor: BrowserContext) -> None:
        self.visitor = visitor
        self._changed = True
        self.page: Page | None = None

    def open(self) -> Page:
        """A blank page, in the same tab as before where that is as good as new."""
        if self.page is None or self._changed or self.page.is_closed():
            self.page = self.visitor.new_page()
            for name in LASTING:
                setattr(self.page, name, self._noticed(getattr(self.page, name)))
        self._changed = False
        return self.page

    def leave(self) -> None:
        """Forget the page: its own storage, which no other tab has, and whatever it holds open."""
        if self.page is None or self.page.is_closed():
            return
        try:
            if not self._changed:
                with suppress(Error):  # a page that has no storage
                    self.page.evaluate("() => sessionStorage.clear()")
                self.page.goto(BLANK)
        except Error:  # it hangs
            self._changed = True
        if self._changed:
            self.page.close()

    def _noticed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def noticed(*given: Any, **named: Any) -> Any:
            self._changed = True
            return call(*given, **named)

        return noticed
