"""Rehearses a workshop with simulated people: a program in a separate process, in a room that is opened for it."""

from __future__ import annotations

import json
import os
from typing import Any

import streamlit as st

from demos.lab.state import shared_lab
from demos.pages import job_progress as trying
from demos.processes.jobs import Job
from guide.book import book

KIND = "rehearsal"
USUAL, MOST = 60, 100
BUSY_TOLD_MS = 500.0
"""If a click takes longer than this to reach everybody, the machine is too slow for so many."""


def show(url: str) -> None:
    """The number of people, the button, and what came of it. `url`: of this server, as this machine reaches it."""
    words = book().words
    st.header(words["workshop.rehearse.title"], anchor=False)
    st.write(words["workshop.rehearse.lead"])
    with st.container(horizontal=True, vertical_alignment="bottom", key="rehearsal"):
        people = st.number_input(words["workshop.rehearse.people"], 1, MOST, USUAL, key="rehearsal_people", width=220)
        command = ("room", "--people", f"{people}", "--url", url, "--pid", f"{os.getpid()}", "--format", "json")
        trying.start(KIND, words["workshop.rehearse.start"], *command)
    job = trying.current(KIND)
    if job is None:
        return
    if not job.over.is_set():
        st.fragment(_watch, run_every=trying.LOOK_S)(job)
        return
    _draw(job)


def _watch(job: Job) -> None:
    """A fragment: the rest of the page stays as it is."""
    if job.over.is_set():
        st.rerun()
    words, ahead = book().words, shared_lab().trials.ahead(job)
    waits = job.began is None
    st.write(words["proxies.waits"].format(n=ahead) if waits else words["workshop.rehearse.runs"])


def _draw(job: Job) -> None:
    words, found = book().words, read(job.output)
    if found is None:
        if job.ended_for == "request":
            st.info(words["proxies.ended"])
        else:
            st.error(words["workshop.rehearse.failed"])
            st.code(job.errors.strip() or words["proxies.too_long"], language=None, wrap_lines=True)
        return
    key, values = verdict(found)
    said = words[key].format(**values)
    (st.success if key.endswith(".good") else st.warning)(said)
    if found["failures"]:
        st.code("\n".join(found["failures"]), language=None, wrap_lines=True)


def read(output: str) -> dict[str, Any] | None:
    """The figures that the program has printed; None where it printed none."""
    try:
        found = json.loads(output)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def verdict(found: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Which sentence fits, and its figures."""
    values = {
        "people": f"{found['joined']}",
        "told": _ms(found["told_p95_ms"]),
        "lost": f"{found['lost']}",
        "repeated": f"{found['repeated']}",
        "share": "–" if found["cpu_share"] is None else f"{100 * found['cpu_share']:.0f}",
    }
    if not found["good"]:
        return "workshop.rehearse.bad", values
    slow = found["told_p95_ms"] is not None and found["told_p95_ms"] > BUSY_TOLD_MS
    return "workshop.rehearse.busy" if slow else "workshop.rehearse.good", values


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"
