"""Wizard page: one question per card, a review of the answers, and the recommendation so far; and the start."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from guide.book import book
from guide.decision import engine
from guide.pages import state
from guide.pages.frame import html, link_problems, titled, word
from guide.pages.parts import answer_fields as choices
from guide.pages.parts import panel
from guide.pages.start import start_page


def page() -> None:
    state.sync("ask")
    if st.session_state.pop("read_now", False):
        st.switch_page(st.session_state["pages"]["verdict"], query_params=state.query())
    step = state.lead(state.step())
    if not step:
        start_page.show()
        return
    with st.container(key="two_columns"):
        left, right = st.columns([13, 7], gap="large")
    with left:
        link_problems()
        shown = engine.cards(book(), state.answers())
        if step == state.CHECK or step not in shown:
            _check()
        else:
            _card(step, shown[step], _rail(step))
    with right:
        panel.show()


def _rail(step: str) -> str:
    """Draws how far one is; returns it in words."""
    shown = engine.cards(book(), state.answers())
    current = book().questions[step].chapter
    after = current in book().after
    parts = []
    for chapter, title in book().chapters.items():
        inside = [qids for lead, qids in shown.items() if book().questions[lead].chapter == chapter]
        done = bool(inside) and all(map(panel.card_answered, inside))
        mark = "✓" if done else "●" if chapter == current else "○"
        now = ' aria-current="step"' if chapter == current else ""
        parts.append(f'<li class="{"sw-now" if now else ""}"{now}><span aria-hidden="true">{mark}</span> {title}</li>')
    # Counted apart: what decides the transport, and what shapes the build list after it.
    stage = [lead for lead in shown if (book().questions[lead].chapter in book().after) == after]
    place = stage.index(step) + 1
    # An answer may leave a later card out, so the number is not promised before the last one.
    key = "ask.progress_after" if after else "ask.progress_about" if place < len(stage) else "ask.progress"
    progress = word(key, n=place, of=len(stage))
    titled(f"{progress}: {book().questions[step].title}")
    verdict = engine.decide(book(), state.answers())
    settled = f'<span class="sw-settled">✓ {word("ask.settled")}</span>' if panel.is_settled(verdict) else ""
    width = f"width:{100 * place / len(stage):.0f}%"
    st.html(
        f'<ol class="sw-rail">{"".join(parts)}</ol><p class="sw-progress">'
        + progress
        + settled
        + f'</p><div class="sw-track" aria-hidden="true"><span style="{width}"></span></div>'
    )
    return progress


def _card(lead: str, qids: tuple[str, ...], progress: str) -> None:
    with st.container(key="card"):
        for qid in (lead, *(qid for qid in qids if qid != lead)):
            question = book().questions[qid]
            if qid == lead:
                # The page's heading says as well, to those who hear it, how far they are.
                html('<h1><span class="sw-heard">{so_far}. </span>{ask}</h1>', so_far=progress, ask=question.ask)
            else:
                html("<h2>{ask}</h2>", ask=question.ask)
            html('<p class="sw-hint">{hint}</p>', hint=question.help)
            html('<p class="sw-why"><b>{label}.</b> {why}</p>', label=word("ask.why"), why=question.why)
            choices.show(qid)
        before, after = state.neighbours(lead)
        with st.container(horizontal=True, horizontal_alignment="distribute", key="moves"):
            st.button(
                word("ask.back"),
                icon=":material/arrow_back:",
                key="back",
                on_click=state.go,
                args=(before,),
                type="tertiary",
            )
            labels = {state.CHECK: "ask.check", state.RECOMMENDATION: "check.show"}
            answered = any(qid in state.answers() for qid in qids)
            label = word(labels.get(after) or ("ask.next" if answered else "ask.skip"))
            # The loudest button is never the one that leaves a question out.
            kind: Literal["primary", "secondary"] = "primary" if answered else "secondary"
            if after == state.RECOMMENDATION:
                st.button(label, key="next", on_click=state.read, type=kind)
            else:
                st.button(label, key="next", on_click=state.go, args=(after,), type=kind)


def _check() -> None:
    answers = state.answers()
    titled(word("check.title"))
    st.title(word("check.title"), anchor=False)
    st.write(word("check.lead"))
    preset = book().cases.get(st.session_state.get("preset") or "")
    if preset:
        st.info(word("check.preset", title=preset.title, decided=preset.decided))
    order = engine.asked_questions(book(), answers)
    for chapter, title in book().chapters.items():
        with st.container(key=f"check_{chapter}", border=True, gap=None):
            html("<h2 class='sw-h'>{title}</h2>", title=title)
            for qid in (q for q in order if book().questions[q].chapter == chapter):
                _row(qid, answers.get(qid, ()))
    with st.container(horizontal=True):
        if st.button(word("check.show"), type="primary", key="show", disabled=not answers):
            st.switch_page(st.session_state["pages"]["verdict"], query_params=state.query())
        st.button(word("start.again"), key="clear", on_click=state.replace, args=({}, ""), type="tertiary")


def _row(qid: str, chosen: tuple[str, ...]) -> None:
    question = book().questions[qid]
    texts = [choices.text(question, aid) for aid in chosen]
    with st.container(horizontal=True, vertical_alignment="center", key=f"row_{qid}"):
        html(
            '<div class="sw-row"><span>{title}</span><b class="{mark}">{texts}</b></div>',
            title=question.title,
            mark="sw-unanswered" if not texts else "",
            texts="; ".join(texts) or word("check.unanswered"),
        )
        # The title is for those who hear the page: fourteen buttons called "Change" would tell them nothing.
        label = f"{word('check.change')} :small[{question.title}]"
        st.button(label, key=f"change_{qid}", on_click=state.change, args=(qid,), type="tertiary")
