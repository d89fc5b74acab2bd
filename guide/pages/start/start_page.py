"""Start page: what the two are, what one gets, three ways in, and systems to start from."""

from __future__ import annotations

import functools

import streamlit as st

from guide.book import Book, book
from guide.decision import engine
from guide.pages import state
from guide.pages.frame import html, link_problems, word
from guide.pages.start import drop_picture

PROBE = "python -m demos probe URL"


def show() -> None:
    """The whole page."""
    link_problems()
    with st.container(key="start"):
        _hero()
        st.header(word("start.ways"), anchor=False)
        with st.container(key="ways"):
            _questions()
            _lab()
            _probe()
        st.header(word("start.examples"), anchor=False)
        st.caption(word("start.examples_hint"))
        with st.container(key="presets"):
            for key, case in book().cases.items():
                if case.preset:
                    _preset(key, case.title, case.story, dict(case.answers))


def _hero() -> None:
    with st.container(key="hero"):
        with st.container(key="hero_text"):
            st.title(word("start.title"), anchor=False)
            html('<p class="sw-lead">{what}</p>', what=word("start.what"))
            # The guide does not know where it runs: who shows it does.
            private = st.session_state.get("private") or word("start.private_apart")
            st.write(f"{word('start.lead')} {private}")
        with st.container(key="hero_picture"):
            drop_picture.show()


@functools.cache
def card_counts(book: Book) -> tuple[int, int]:
    """(cards that decide the transport, cards that shape the build list). Everybody is shown the same number."""
    leads = [qid for qid, question in book.questions.items() if not (question.card or question.derived)]
    after = sum(book.questions[qid].chapter in book.after for qid in leads)
    return len(leads) - after, after


def _questions() -> None:
    deciding, shaping = card_counts(book())
    with st.container(key="way_questions", border=True):
        _about(word("start.ask", deciding=deciding), word("start.ask_lead", shaping=shaping))
        first = next(iter(book().questions))
        with st.container(horizontal=True):
            if state.answers():
                following = state.lead(engine.next_question(book(), state.answers()) or state.CHECK)
                st.button(word("start.continue"), type="primary", key="continue", on_click=state.go, args=(following,))
                st.button(word("start.again"), key="again", on_click=state.replace, args=({}, first))
            else:
                st.button(word("start.button"), type="primary", key="begin", on_click=state.go, args=(first,))


def _lab() -> None:
    with st.container(key="way_lab", border=True):
        _about(word("start.lab"), word("start.lab_lead"))
        if st.button(word("start.lab_go"), key="to_lab"):
            st.switch_page(st.session_state["pages"]["lab"], query_params=state.query())


def _probe() -> None:
    with st.container(key="way_probe", border=True):
        _about(word("start.probe"), word("start.probe_lead"))
        st.code(PROBE, language=None, wrap_lines=True)
        if st.button(word("start.probe_go"), key="to_probe"):
            st.switch_page(st.session_state["pages"]["probe"], query_params=state.query())


def _about(title: str, lead: str) -> None:
    html("<h3 class='sw-h'>{title}</h3><p>{lead}</p>", title=title, lead=lead)


def _preset(key: str, title: str, story: str, answers: dict[str, tuple[str, ...]]) -> None:
    with st.container(key=f"preset_{key}", border=True):
        _about(title, story)
        # The title is for those who hear the page: nine buttons with one name would tell them nothing.
        label = f"{word('start.use')} :small[{title}]"
        st.button(label, key=f"use_{key}", on_click=state.replace, args=(answers, state.CHECK, key))
