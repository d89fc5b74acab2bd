"""One tab for many tests: its process keeps the app's scripts, compiled. A page's start costs half as much there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Error, Frame, Page

LASTING = (
    "add_init_script",
    "add_locator_handler",
    "expose_binding",
    "expose_function",
    "once",
    "route_from_har",
    "route_web_socket",
    "set_default_navigation_timeout",
    "set_default_timeout",
    "set_extra_http_headers",
)
"""What changes a tab for good: the next test gets a fresh one."""
USUAL: dict[str, Any] = {
    "media": "null",
    "color_scheme": "light",
    "contrast": "no-preference",
    "forced_colors": "none",
    "reduced_motion": "no-preference",
}
"""What a page of the visitor has where no test emulates anything."""
BLANK = "about:blank"


class Tab:
    """A tab that is used again. What a test changed of it is taken back, or else the next one gets a fresh tab."""

    def __init__(self, visitor: BrowserContext) -> None:
        self.visitor = visitor
        self._changed = True
        self._undo: dict[str, Callable[[], None]] = {}
        self._origins: set[str] = set()
        self.page: Page | None = None

    def open(self) -> Page:
        """A blank page, in the same tab as before where that is as good as new."""
        if self.page is None or self._changed or self.page.is_closed():
            self.page = self._fresh()
        self._changed = False
        return self.page

    def leave(self) -> None:
        """Forget the page: its own storage, which no other tab has, and whatever it holds open."""
        undo = [*self._undo.values()]
        self._undo.clear()
        self._changed |= len(self._origins) > 1  # each has a storage of its own, and only the last one can be emptied
        self._origins.clear()
        if self.page is None or self.page.is_closed():
            return
        try:
            if not self._changed:
                with suppress(Error):  # a page that has no storage
                    self.page.evaluate("() => sessionStorage.clear()")
                self.page.goto(BLANK)
                for undone in undo:
                    undone()
                self.page.mouse.move(0, 0)
        except Error:  # it hangs
            self._changed = True
        if self._changed:
            self.page.close()

    def _fresh(self) -> Page:
        page, changes = self.visitor.new_page(), self._undo
        size = page.viewport_size
        assert size is not None
        page.on("framenavigated", self._navigated)

        def listens(event: Any, handler: Callable[..., Any]) -> None:
            changes[f"listener {len(changes)}"] = partial(page.remove_listener, event, handler)

        noticed: dict[str, Callable[..., object]] = {
            "emulate_media": lambda **_: changes.update(media=lambda: page.emulate_media(**USUAL)),
            "on": listens,
            "route": lambda *_, **__: changes.update(routes=page.unroute_all),
            "set_viewport_size": lambda _: changes.update(size=lambda: page.set_viewport_size(size)),
        }
        for name in LASTING:
            noticed[name] = self._change
        for name, notice in noticed.items():
            setattr(page, name, _preceded(getattr(page, name), notice))
        return page

    def _navigated(self, frame: Frame) -> None:
        address = urlsplit(frame.url)
        if address.scheme.startswith("http"):
            self._origins.add(address.netloc)

    def _change(self, *_given: Any, **_named: Any) -> None:
        self._changed = True


def _preceded(call: Callable[..., Any], notice: Callable[..., object]) -> Callable[..., Any]:
    """The call, of which `notice` is told first, with what it is given."""

    def preceded(*given: Any, **named: Any) -> Any:
        notice(*given, **named)
        return call(*given, **named)

    return preceded
