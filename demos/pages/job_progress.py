"""Shows one trial on a page: its start button, its progress, its result.

The job's id stands in the address under its kind, so a reload shows it again.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from demos.lab.state import shared_lab
from demos.processes.jobs import DEMOS, Job, QueueFull
from guide.book import book

HERE = "127.0.0.1"
"""Address of a browser on this machine, for which Streamlit gives none."""
LOOK_S = 1.0
"""How often a page that watches looks."""

Draw = Callable[[Job], None]
Told = Callable[[Job], str]
"""What a job does now, in words."""


def start(kind: str, label: str, *arguments: str) -> None:
    """The button. `arguments`: what is run, after `python -m demos`."""
    running = current(kind)
    waits = running is not None and not running.over.is_set()
    st.button(label, key=f"start_{kind}", type="primary", on_click=_start, args=(kind, arguments), disabled=waits)
    if running is not None and waits and st.session_state.get(f"started_{kind}") == running.id:
        st.button(book().words["proxies.end"], key=f"end_{kind}", on_click=shared_lab().trials.end, args=(running,))
    if refused := st.session_state.pop(f"refused_{kind}", None):
        st.warning(refused)


def _start(kind: str, arguments: tuple[str, ...]) -> None:
    """Callback."""
    try:
        job = shared_lab().trials.start((*DEMOS, *arguments), st.context.ip_address or HERE)
        st.session_state[f"attempt_{kind}"] = st.session_state[f"started_{kind}"] = job.id
        st.session_state["proxies_touched"] = True
    except QueueFull as full:
        st.session_state[f"refused_{kind}"] = str(full)


def current(kind: str) -> Job | None:
    """The job that the address names; None if there is none, or it is no longer kept."""
    return shared_lab().trials.get(st.session_state.get(f"attempt_{kind}", ""))


def follow(kind: str, fits: Callable[[tuple[str, ...]], bool], draw: Draw, told: Told) -> Job | None:
    """What the job has come to; drawn again each second until it is over. Returns it once it is.

    `fits`: whether a job with these arguments belongs on the page as it is now.
    """
    words, job = book().words, current(kind)
    if job is None:
        if st.session_state.get(f"attempt_{kind}"):
            st.info(words["proxies.gone"])
        return None
    if not fits(arguments_of(job)):
        return None
    if not job.over.is_set():
        st.fragment(_watch, run_every=LOOK_S)(job, draw, told)
        return None
    if job.ended_for == "request":
        st.info(words["proxies.ended"])
    elif not job.good:
        st.error(words["proxies.failed"])
        st.code(_complaint(job), language=None, wrap_lines=True)
    draw(job)
    return job


def _watch(job: Job, draw: Draw, told: Told) -> None:
    """A fragment: the rest of the page stays as it is."""
    if job.over.is_set():
        st.rerun()
    words = book().words
    said = words["proxies.waits"].format(n=shared_lab().trials.ahead(job)) if job.began is None else told(job)
    # Read out when it says something new, which the seconds do not.
    passed = words["proxies.passed"].format(s=f"{time.monotonic() - job.began:.0f}") if job.began else ""
    st.html(f'<p class="sw-attempt"><span role="status">{said}</span> <span aria-hidden="true">{passed}</span></p>')
    draw(job)


def _complaint(job: Job) -> str:
    """What it says went wrong; that it took too long, where it says nothing."""
    return job.errors.strip() or book().words["proxies.too_long"]


def arguments_of(job: Job) -> tuple[str, ...]:
    """What was typed after `python -m demos`."""
    return job.command[len(DEMOS) :]
