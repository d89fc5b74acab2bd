"""Input fields for one question: single choice, multiple choice, or one list for each stretch of the path."""

from __future__ import annotations

import streamlit as st

from guide.book import book
from guide.decision import engine
from guide.model import UNKNOWN, Answer, Question
from guide.pages import state
from guide.pages.frame import word


def show(qid: str) -> None:
    """The answers to one question, as controls; each keeps the session's answers in step."""
    question = book().questions[qid]
    if question.places:
        _places(qid, question)
    elif question.multiple:
        st.caption(word("ask.multiple"))
        _boxes(qid, [*question.answers, UNKNOWN])
    else:
        _radio(qid, question)


def text(question: Question, aid: str) -> str:
    """An answer as it reads on the card; also for `unknown`, which every question has."""
    return question.answers[aid].text if aid in question.answers else word("answer.unknown")


def known_as(answer: Answer) -> str:
    """What stands in the path, with its other names in brackets: a list is searched by what its labels say."""
    others = [alias for alias in answer.aliases if alias.casefold() not in answer.text.casefold()]
    return f"{answer.text} ({', '.join(others)})" if others else answer.text


def _label(title: str, hint: str | None) -> str:
    return f"**{title}** :small[{hint}]" if hint else f"**{title}**"


def _radio(qid: str, question: Question) -> None:
    labels = {aid: _label(answer.text, answer.hint) for aid, answer in question.answers.items()}
    labels[UNKNOWN] = _label(word("answer.unknown"), word("answer.unknown_hint"))
    key = f"w_{qid}"
    st.session_state[key] = next(iter(state.answers().get(qid, ())), None)
    st.radio(
        question.ask,
        list(labels),
        format_func=labels.__getitem__,
        key=key,
        on_change=lambda: state.answer(qid, st.session_state[key]),
        label_visibility="collapsed",
    )


def _boxes(qid: str, shown: list[str]) -> None:
    question = book().questions[qid]
    with st.container(key="boxes"):
        for aid in shown:
            # No more markup than a paragraph: the browser is given the label as it stands, asterisks and all.
            hint = question.answers[aid].hint if aid in question.answers else word("answer.unknown_hint")
            key = f"w_{qid}_{aid}"
            st.session_state[key] = aid in state.answers().get(qid, ())
            label = f"{text(question, aid)}\n\n{hint}" if hint else text(question, aid)
            st.checkbox(label, key=key, on_change=_ticked, args=(qid, aid))


def _places(qid: str, question: Question) -> None:
    """A list to search for each stretch, in the order in which a request meets them; what stands nowhere comes last."""
    chosen = state.answers().get(qid, ())
    st.caption(word("ask.places"))
    with st.container(key="places"):
        for place, about in question.places.items():
            here = {aid: known_as(answer) for aid, answer in question.answers.items() if answer.place == place}
            if not here:
                continue
            key = f"w_{qid}_in_{place}"
            st.session_state[key] = [aid for aid in here if aid in chosen]
            with st.container(gap="xxsmall"):
                st.markdown(_label(about.title, about.hint))
                # The control's own label is for those who hear it: they would be read the asterisks of the one above.
                st.multiselect(
                    f"{about.title}. {about.hint}",
                    list(here),
                    format_func=here.__getitem__,
                    key=key,
                    on_change=_named,
                    args=(qid, place),
                    placeholder=word("ask.place", n=len(here)),
                    label_visibility="collapsed",
                    filter_mode="contains",
                    select_all=False,  # it would be what Enter takes first, after a search: all that match
                )
    _boxes(qid, [*(aid for aid, answer in question.answers.items() if not answer.place), UNKNOWN])


def _ticked(qid: str, aid: str) -> None:
    """'Not sure', and whatever else stands alone, excludes the other answers; they exclude it."""
    now = state.answers()
    if st.session_state[f"w_{qid}_{aid}"]:
        _keep(qid, engine.changed(book(), now, qid, aid)[qid])
    else:
        _keep(qid, tuple(a for a in now.get(qid, ()) if a != aid))


def _named(qid: str, place: str) -> None:
    """What stands in one stretch of the path; the other stretches stay as they are."""
    answers = book().questions[qid].answers
    others = [a for a in state.answers().get(qid, ()) if a not in answers or answers[a].place != place]
    now: dict[str, tuple[str, ...]] = {qid: tuple(others)}
    for aid in st.session_state[f"w_{qid}_in_{place}"]:
        now = engine.changed(book(), now, qid, aid)
    _keep(qid, now[qid])


def _keep(qid: str, chosen: tuple[str, ...]) -> None:
    """In the order of path and answers, so that equal answers have equal links, and read as a request meets them."""
    question = book().questions[qid]
    order = [*question.answers, UNKNOWN]
    stretches = list(question.places)

    def rank(aid: str) -> tuple[int, int]:
        place = question.answers[aid].place if aid in question.answers else None
        return (stretches.index(place) if place in stretches else len(stretches)), order.index(aid)

    state.answer(qid, *sorted((aid for aid in chosen if aid in order), key=rank))
