"""Page that compares two sets of answers: A from the session, B edited in place. Draws a Comparison, decides nothing.

    a=TOKEN   A, as on every page        b=TOKEN   B; without it, B is a copy of A

A click on this page has just changed B: then the session holds it and the address follows. Otherwise the address does.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from guide.book import book
from guide.book.link import VERSION, decode, encode
from guide.decision import engine
from guide.model import UNKNOWN, Answers
from guide.pages import state
from guide.pages.frame import empty, html, link_problems, word
from guide.pages.sections import differences
from guide.report.compare import ComparedAnswer, Comparison, chosen, compare
from guide.report.report import Report


def page() -> None:
    problems = _sync()
    link_problems(*problems)
    if not state.answers() and not _b():
        empty(word("compare.empty_title"), word("compare.empty"), "ask", word("start.button"))
        return
    found = compare(book(), state.answers(), _b())
    st.title(word("compare.title"), anchor=False)
    st.write(word("compare.lead"))
    with st.container(key="compare"):
        _outcome(found)
        for side, report, column in zip("ab", (found.a, found.b), st.columns(2, wrap=False), strict=True):
            with column:
                _side(side, report)
        _moves(found)
        left, right = st.columns([5, 7], gap="large")
        with left, st.container(key="compare_change"):
            _change(found)
        with right, st.container(key="compare_differs"):
            differences.show(found)
            st.caption(word("compare.share"))
            st.code(f"/compare?a={encode(state.answers())}&b={_token()}", language=None, wrap_lines=True)


def _sync() -> tuple[str, ...]:
    """B from the address or from the click that just was; what the address held in vain."""
    problems: tuple[str, ...] = ()
    given = st.query_params.get("b", "")
    if st.session_state.pop("compare_touched", False):
        given = _token()
        state.sync("compare", {"b": given})
        return problems
    state.sync("compare", {"b": given})
    if given:
        opened = decode(given, book())
        problems = tuple(word("compare.problem", problem=problem) for problem in opened.problems)
        st.session_state["compare_b"] = opened.answers
    else:
        st.session_state["compare_b"] = dict(state.answers())
    return problems


def _b() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = st.session_state.get("compare_b", {})
    return found


def _token() -> str:
    """B for the address; no answers at all must differ from no B."""
    return encode(_b()) or VERSION


def _set(b: Answers) -> None:
    # In the order of the questions, so that equal answers have equal links.
    st.session_state["compare_b"] = {qid: tuple(b[qid]) for qid in book().questions if b.get(qid)}
    st.session_state["compare_touched"] = True


def _swap() -> None:
    """Callback: A becomes B, B becomes A. Both stand in the address, so a second click brings them back."""
    before = dict(state.answers())
    state.replace(_b())
    _set(before)


def _outcome(found: Comparison) -> None:
    """The one sentence that a reader wants; it is read out when it changes, and stays in sight on a phone."""
    if found.same:
        text = word("compare.same")
    elif found.turned:
        text = word("compare.turned", a=found.a.name, b=found.b.name)
    else:
        text = word("compare.unturned", name=found.b.name)
    with st.container(key="compare_outcome"):
        html(
            '<p role="status" class="{mark}">{text}</p>', text=text, mark="sw-turned" if found.turned else "sw-unturned"
        )


def _side(side: str, report: Report) -> None:
    level = report.verdict.kind == "level" and report.verdict.reasons
    with st.container(key=f"compare_{side}", height="stretch"):
        html('<p class="sw-kicker">{label}</p>', label=word(f"compare.side.{side}"))
        st.header(word("verdict.level_long") if level else report.headline, anchor=False)
        html('<p class="sw-strength">{text}</p>', text=report.strength)


def _moves(found: Comparison) -> None:
    with st.container(horizontal=True, key="compare_moves"):
        same = found.same
        if st.button(word("compare.take"), key="compare_take", type="primary", disabled=same):
            state.replace(_b())
            st.switch_page(st.session_state["pages"]["verdict"], query_params=state.query())
        st.button(
            word("compare.swap"),
            key="compare_swap",
            icon=":material/swap_horiz:",
            help=word("compare.swap_help"),
            on_click=_swap,
            disabled=same,
        )
        st.button(
            word("compare.copy"),
            key="compare_copy",
            type="tertiary",
            on_click=_set,
            args=(state.answers(),),
            disabled=same,
        )


def _change(found: Comparison) -> None:
    st.header(word("compare.change"), anchor=False)
    was = {answer.question: answer for answer in found.answers}
    for qid in engine.asked_questions(book(), _b()):
        _question(qid, was[qid])


def _question(qid: str, was: ComparedAnswer) -> None:
    """One select. What A says stands below it wherever B differs."""
    question, now = book().questions[qid], _b().get(qid, ())
    texts = {aid: answer.text for aid, answer in question.answers.items()} | {UNKNOWN: word("answer.unknown")}
    key = f"compare_{'many' if question.multiple else 'one'}_{qid}"
    value: object = list(now) if question.multiple else now[0] if now else None
    if st.session_state.get(key, ()) != value:
        st.session_state[key] = value
    common: dict[str, Any] = {
        "key": key,
        "format_func": texts.__getitem__,
        "placeholder": word("compare.not_answered"),
        "help": question.ask,
        "on_change": _changed,
        "args": (qid, key),
    }
    if question.multiple:
        st.multiselect(question.title, list(texts), **common)
    else:
        st.selectbox(question.title, list(texts), index=None, **common)
    if was.differs:
        html('<p class="sw-was">{text}</p>', text=word("compare.was", texts=differences.said(was.a)))


def _changed(qid: str, key: str) -> None:
    """Callback: one answer of B."""
    value, before = st.session_state[key], _b()
    if book().questions[qid].multiple:
        now = chosen(book().questions[qid], before.get(qid, ()), value)
    else:
        now = (value,) if value else ()
    _set({**before, qid: now})
