"""Adds the result of a probe to the session."""

from __future__ import annotations

import streamlit as st

from guide.book import book
from guide.model import UNKNOWN
from guide.pages import state
from guide.pages.frame import word
from guide.record import probe_file as probed


def take_over(text: bytes) -> str:
    """Callback's part: answers and evidence join those of the session; returns what was done, in words.

    Raises:
        RecordError: the file cannot be used, and nothing was changed.
    """
    return add(probed.load(text, book()))


def add(taken: probed.Taken) -> str:
    """Answers and evidence join those of the session; returns what was done, in words."""
    state.replace(probed.merged(state.answers(), taken.answers, book()), to="")
    kept = st.session_state.get("evidence", {})
    st.session_state["evidence"] = {**kept, **{one.id: one for one in taken.evidence}}
    st.session_state.pop("since", None)  # news of a record that was opened before
    return " ".join(_said(taken))


def _said(taken: probed.Taken) -> list[str]:
    names = [
        book().questions[qid].answers[aid].text
        for qid, chosen in taken.answers.items()
        for aid in chosen
        if aid != UNKNOWN
    ]
    said = [
        word("record.probe_answers", url=taken.url, answers=", ".join(names))
        if names
        else word("record.probe_no_answers", url=taken.url)
    ]
    titles = ", ".join(one.title for one in taken.evidence)
    said.append(word("record.probe_evidence", titles=titles) if titles else word("record.probe_no_evidence"))
    if taken.moved:
        said.append(word("record.opened_moved", n=len(taken.moved)))
    return said
