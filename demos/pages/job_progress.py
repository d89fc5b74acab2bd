"""One attempt on a page: the button that starts it, how far it has come, what came of it. Knows nothing of proxies.

The attempt's id stands in the address under its kind, so a reload shows it again.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from demos.processes.jobs import ATTEMPTS, Attempt, Full
from demos.proxies.json_lines import lines
from guide.book.load import book

LOOK_S = 1.0
"""How often a page that watches looks."""

Draw = Callable[[Attempt], None]


def start(kind: str, label: str, *arguments: str) -> None:
    """The button. `arguments`: what is run, after `python -m demos`."""
    running = _current(kind)
    waits = running is not None and not running.over.is_set()
    st.button(label, key=f"start_{kind}", type="primary", on_click=_start, args=(kind, arguments), disabled=waits)
    if refused := st.session_state.pop(f"refused_{kind}", None):
        st.warning(refused)


def _start(kind: str, arguments: tuple[str, ...]) -> None:
    """Callback."""
    try:
        st.session_state[f"attempt_{kind}"] = ATTEMPTS.start(*arguments).id
        st.session_state["proxies_touched"] = True
    except Full as full:
        st.session_state[f"refused_{kind}"] = str(full)


def _current(kind: str) -> Attempt | None:
    return ATTEMPTS.get(st.session_state.get(f"attempt_{kind}", ""))


def arguments(kind: str) -> tuple[str, ...]:
    """Those of the attempt that the page is about; () where there is none."""
    attempt = _current(kind)
    return attempt.arguments if attempt else ()


def follow(kind: str, fits: Callable[[tuple[str, ...]], bool], draw: Draw) -> Attempt | None:
    """What the attempt has come to; drawn again each second until it is over. Returns it once it is.

    `fits`: whether an attempt with these arguments belongs on the page as it is now.
    """
    words, attempt = book().words, _current(kind)
    if attempt is None:
        if st.session_state.get(f"attempt_{kind}"):
            st.info(words["proxies.gone"])
        return None
    if not fits(attempt.arguments):
        return None
    if not attempt.over.is_set():
        st.fragment(_watch, run_every=LOOK_S)(attempt, draw)
        return None
    if not attempt.good:
        st.error(words["proxies.failed"])
        st.code(_complaint(attempt), language=None, wrap_lines=True)
    draw(attempt)
    return attempt


def _watch(attempt: Attempt, draw: Draw) -> None:
    """A fragment: the rest of the page stays as it is."""
    if attempt.over.is_set():
        st.rerun()
    words = book().words
    if attempt.began is None:
        said = words["proxies.waits"].format(n=ATTEMPTS.before(attempt))
    else:
        said = words["proxies.runs"].format(n=len(lines(attempt.said)))
    # Read out when it says something new, which the seconds do not.
    passed = words["proxies.passed"].format(s=f"{time.monotonic() - attempt.began:.0f}") if attempt.began else ""
    st.html(f'<p class="sw-attempt"><span role="status">{said}</span> <span aria-hidden="true">{passed}</span></p>')
    draw(attempt)


def _complaint(attempt: Attempt) -> str:
    """What it said besides lines of JSON; that it took too long, where it said nothing."""
    rest = "\n".join(line for line in attempt.said.splitlines() if not line.startswith("{")).strip()
    return rest[-2000:] or book().words["proxies.too_long"]
