"""Platforms that cannot be run here: their documented limits on Envoy. Never shown without the label that says so."""

from __future__ import annotations

import functools

import streamlit as st

from demos.evidence import STORE
from demos.pages import evidence as kept
from demos.pages import job_progress as trying
from demos.pages import results as outcome
from demos.processes.jobs import Attempt
from demos.proxies.catalog import Binary
from demos.proxies.emulation import NAME, Emulation, emulations, predicted
from demos.proxies.evidence import proof
from demos.proxies.json_lines import lines, matrices
from demos.proxies.matrix import EVERYTHING
from guide.book.load import book

__all__ = ["NAME", "show"]


@functools.cache
def _known() -> dict[str, Emulation]:
    return emulations(book())


def show(kind: str, here: list[Binary], keep: kept.Keep) -> None:
    """What may be emulated, its limits with their source, the button and what came of it."""
    words, known = book().words, _known()
    st.header(words["proxies.emulated"], anchor=False)
    st.write(words["proxies.emulated_lead"])
    running = trying.arguments(kind)
    if running and running[1] in known:
        st.session_state.setdefault("emulation", running[1])
    name = st.selectbox(
        words["proxies.emulated_which"], list(known), format_func=lambda one: known[one].title, key="emulation"
    )
    one = known[name]
    st.info(one.label)
    st.markdown("\n".join(f"- {text}" for text in one.told()))
    if here:
        trying.start(kind, words["proxies.emulated_start"], "emulate", name, "--format", "lines")
    else:
        st.caption(words["proxies.emulated_missing"])
    attempt = trying.follow(kind, lambda arguments: arguments[1] == name, lambda found: _draw(one, found))
    if attempt is not None and attempt.good:
        _keep(one, attempt, keep)


def _draw(emulation: Emulation, attempt: Attempt) -> None:
    for matrix in matrices(lines(attempt.said), EVERYTHING):
        outcome.show(
            matrix,
            lambda passage: predicted(emulation.limits[passage.transport]),
            f"outcome_{attempt.id}",
            same="predicted",
        )


def _keep(emulation: Emulation, attempt: Attempt, keep: kept.Keep) -> None:
    if not attempt.evidence:
        found = matrices(lines(attempt.said), EVERYTHING)
        made = [proof(matrix, NAME, emulation.label, f"emulated-{emulation.id}") for matrix in found]
        attempt.evidence = tuple(STORE.keep(one).id for one in made)
    for id in attempt.evidence:
        kept.take(id, {"id": id}, keep)
    kept.line()
