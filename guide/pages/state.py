"""Keeps the answers and measurements of one session in sync with the address bar.

    a=1~uplink.controls~…   the answers (guide.book.link)        at=uplink   where in the wizard (nothing: the start)
    e=0c5d….93b1…           measurements, by id: the server knows them, or has forgotten them and the page says so

Who wins? A click on this page has just run a callback (`touched`): then the session does, and the address follows. A
changed address without a click is the browser's back, forward, a reload or a link: then the address does.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from guide.book import book
from guide.book.link import Opened, decode, encode
from guide.decision import engine
from guide.model import UNKNOWN, Evidence

CHECK = "check"
RECOMMENDATION = "recommendation"
"""No step of the wizard: the page after it."""
MOST_EVIDENCE = 16
"""Measurements in one address, and in one session: the oldest makes room."""
MISSING = ("record.evidence_expired", "record.evidence_unread")
"""What is said of a measurement that the address names and that is not here."""
URL = tuple[str, str, str]


def sync(page: str, more: Mapping[str, str] | None = None) -> None:
    """Call first on every page. `more`: parameters of the page's own, as they should stand in the address now."""
    state = st.session_state
    url = (st.query_params.get("a", ""), st.query_params.get("at", ""), st.query_params.get("e", ""))
    touched = state.pop("touched", False)
    here = state.get("page") == page
    if not here:
        state.pop("opened", None)  # news of a file that was opened, until the page is left
    state["page"] = page
    state.setdefault("answers", {})
    state.setdefault("step", "")
    if not touched and not (here and url == state.get("written")):
        _adopt(page, url)
        if here or url[2]:
            _recall(url[2])
        if here and not any(url):  # back to an address without a token: writing one again would trap the visitor here
            state["written"] = url
            return
    _write(page, url, {key: value for key, value in (more or {}).items() if value})


def _adopt(page: str, url: URL) -> None:
    token, step, _ = url
    state = st.session_state
    if token or step:
        opened = decode(token, book())
        state["link_problems"] = opened.problems
        state["link_older"] = (opened.version, opened.moved) if _older(opened) else None
        if token or page == "ask":
            state["answers"] = opened.answers
    if page == "ask":
        state["step"] = step if step == CHECK or step in book().questions else ""


def _recall(named: str) -> None:
    """The measurements that the address names. What came from a file stays, and stays unverified under any id."""
    state = st.session_state
    had: dict[str, Evidence] = state.get("evidence", {})
    known: dict[str, Evidence] = state.get("evidence_known", {})
    ids = tuple(dict.fromkeys(filter(None, named[: 40 * MOST_EVIDENCE].split("."))))[:MOST_EVIDENCE]
    loaded = {key: one for key, one in had.items() if not one.verified}
    found = {key: one for key in ids if (one := had.get(key) or known.get(key)) is not None}
    state["evidence"] = found | loaded
    state["evidence_ids"] = ids
    state["evidence_missing"] = MISSING[bool(state.get("evidence_unread"))] if len(found) < len(ids) else ""


def keep(evidence: Evidence) -> None:
    """A new measurement, in place of the one before it of its scenario; in the address at once, should a reload come.

    Measured in a browser and measured without one are two things, and both are kept.
    """
    state = st.session_state
    ours = {key: one for key, one in state.get("evidence", {}).items() if one.verified and not _same(one, evidence)}
    newest = dict([*ours.items(), (evidence.id, evidence)][-MOST_EVIDENCE:])
    loaded = {key: one for key, one in state.get("evidence", {}).items() if not one.verified}
    state["evidence"] = newest | loaded
    state["evidence_ids"] = tuple(newest)
    state["evidence_missing"] = ""
    a, at, _ = state.get("written", ("", "", ""))
    state["written"] = (a, at, ".".join(newest))
    st.query_params["e"] = state["written"][2]


def _same(one: Evidence, other: Evidence) -> bool:
    return (one.scenario, "browser" in one.versions) == (other.scenario, "browser" in other.versions)


def _older(opened: Opened) -> bool:
    """Whether a link was made under other rules, by its own word or by the names in it."""
    return bool(opened.moved) or bool(opened.version) and opened.version != book().version


def _write(page: str, url: URL, more: Mapping[str, str]) -> None:
    step, named = st.session_state["step"] if page == "ask" else "", ".".join(st.session_state.get("evidence_ids", ()))
    wanted = (encode(st.session_state["answers"]), step, named)
    if page == "ask" and not wanted[1] and not url[0]:
        wanted = ("", "", "")  # the start page stays a plain address until it is left
    if wanted != url or any(st.query_params.get(key) != value for key, value in more.items()):
        params = {key: value for key, value in zip(("a", "at", "e"), wanted, strict=True) if value}
        st.query_params.from_dict({**params, **more})  # all at once: two writes would be two steps of the back button
    st.session_state["written"] = wanted


def answers() -> dict[str, tuple[str, ...]]:
    """What has been answered so far."""
    found: dict[str, tuple[str, ...]] = st.session_state.get("answers", {})
    return found


def query() -> dict[str, str]:
    """Query parameters that carry the answers, and what was measured, to another page."""
    found = {"a": encode(answers()), "e": ".".join(st.session_state.get("evidence_ids", ()))}
    return {key: value for key, value in found.items() if value}


def step() -> str:
    """Where in the wizard: '' for the start, a question's id, or `check`."""
    found: str = st.session_state.get("step", "")
    return found


def answer(qid: str, *chosen: str) -> None:
    """Callback: the answer to one question."""
    now = dict(answers())
    known = [aid for aid in chosen if aid == UNKNOWN or aid in book().questions[qid].answers]
    if known:
        now[qid] = tuple(known)
    else:
        now.pop(qid, None)
    # Kept in the order of the questions, so that equal answers have equal links.
    st.session_state["answers"] = {q: now[q] for q in book().questions if q in now}
    _touch()


def go(to: str) -> None:
    """Callback: to a step of the wizard."""
    st.session_state["step"] = to
    st.session_state["changing"] = None
    _touch()


def change(qid: str) -> None:
    """Callback: from all answers to the card of one of them, to change it."""
    go(lead(qid))
    st.session_state["changing"] = lead(qid)


def replace(new: dict[str, tuple[str, ...]], to: str = CHECK, preset: str | None = None) -> None:
    """Callback: other answers in place of these."""
    st.session_state["answers"] = dict(new)
    st.session_state["preset"] = preset
    st.session_state["link_problems"] = ()
    st.session_state["link_older"] = None
    go(to)


def read() -> None:
    """Callback: on to the recommendation. A callback cannot switch pages; the page does, first thing."""
    st.session_state["read_now"] = True


def lead(qid: str) -> str:
    """The question whose card shows this one."""
    question = book().questions.get(qid)
    return question.card or qid if question else qid


def neighbours(lead: str) -> tuple[str, str]:
    """(step before, step after) a card, among those that are shown.

    Whoever changes one answer goes back to all of them, not on through the rest. The recommendation comes after the
    last card that bears on it, and again after the last of all.
    """
    order = list(engine.cards(book(), answers()))
    if lead not in order:
        return "", CHECK
    place = order.index(lead)
    before = order[place - 1] if place else ""
    if st.session_state.get("changing") == lead:
        return before, CHECK
    after = order[place + 1] if place + 1 < len(order) else RECOMMENDATION
    shapes = {qid for qid in order if book().questions[qid].chapter in book().after}
    return before, RECOMMENDATION if after in shapes and lead not in shapes else after


def _touch() -> None:
    st.session_state["touched"] = True
