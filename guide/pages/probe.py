"""Probe page: hands out the commands for the user's own path, takes the result back, and shows what it found.

The probe itself is a command: a page that fetched addresses for strangers would be a hole.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from html import escape

import streamlit as st

from guide.book import book
from guide.pages import state
from guide.pages.frame import coded, html, link_problems, unmarked, word
from guide.pages.parts.probe_upload import add
from guide.record import probe_file
from guide.record.saved_record import RecordError

COMMAND = "python -m demos probe"
TARGETS = {
    "fastapi": "uvicorn target_fastapi:app --port 8000",
    "starlette": "uvicorn target_starlette:app --port 8000",
    "wsgi": "gunicorn target_wsgi:app --bind 127.0.0.1:8000",
}
"""Target of the probe -> how it is started. Their files say the same in their first lines."""
RESULT = "probe.json"
EXAMPLE = "https://my-app.example"
LONGEST, MOST_FIXES = 500, 6
VERDICTS = ("bad", "unknown", "good")


def page() -> None:
    state.sync("probe")
    link_problems()
    st.title(word("probe.page.title"), anchor=False)
    st.write(word("probe.page.lead"))
    with st.container(key="probe"):
        st.header(word("probe.page.run"), anchor=False)
        kind, address, behind = _asked()
        for text, command in commands(kind, address, behind):
            st.write(text)
            st.code(command, language=None, wrap_lines=True)
        st.header(word("probe.page.own"), anchor=False)
        st.write(word("probe.page.own_lead"))
        st.code(f"{COMMAND} {_quoted(address)}/events --own", language=None, wrap_lines=True)
        st.header(word("probe.page.back"), anchor=False)
        st.write(word("probe.page.back_lead", file=RESULT))
        st.file_uploader(word("probe.page.file"), type=["json"], key="probe_file", on_change=_load)
        _told()


def commands(kind: str, address: str, behind: str) -> list[tuple[str, str]]:
    """Each command with what it does: target, start, probe. `behind`: an id of the path, or empty."""
    told = f" --behind {behind}" if behind else ""
    return [
        (word("probe.page.target"), f"{COMMAND} --target {kind} > target_{kind}.py\n{TARGETS[kind]}"),
        (word("probe.page.probe"), f"{COMMAND} {_quoted(address)}{told} --format json > {RESULT}"),
    ]


def _asked() -> tuple[str, str, str]:
    """The server's kind, the address in front, and what stands there without a sign in its headers."""
    question = next(q for q in book().questions.values() if q.places)
    theirs = [aid for aid in state.answers().get("path", ()) if aid in question.answers and question.answers[aid].place]
    unsigned = ["", *dict.fromkeys((*theirs, *(aid for aid, one in question.answers.items() if one.place)))]
    with st.container(horizontal=True):
        kind = st.selectbox(word("probe.page.kind"), list(TARGETS), key="probe_kind", format_func=_kind)
        address = st.text_input(
            word("probe.page.address"), "https://my-app.example", key="probe_address", max_chars=LONGEST
        )
        behind = st.selectbox(
            word("probe.page.behind"),
            unsigned,
            key="probe_behind",
            format_func=lambda aid: question.answers[aid].text if aid else word("probe.page.behind_none"),
        )
    return kind, address.strip() or EXAMPLE, behind or ""


def _kind(name: str) -> str:
    return word(f"probe.page.kind.{name}")


def _quoted(address: str) -> str:
    return shlex.quote(address.rstrip("/"))


def _load() -> None:
    """Callback: answers and evidence join those of the session; another file changes nothing."""
    file = st.session_state["probe_file"]
    if file is None:
        return
    try:
        taken = probe_file.load(file.getvalue(), book())
    except RecordError as error:
        st.session_state["probe_said"], st.session_state["probe_found"] = (False, str(error)), ()
        return
    st.session_state["probe_said"], st.session_state["probe_found"] = (True, add(taken)), taken.findings


def _told() -> None:
    if "probe_said" not in st.session_state:
        return
    good, said = st.session_state["probe_said"]
    (st.success if good else st.error)(unmarked(said))  # it came from a file
    found: Sequence[probe_file.Found] = st.session_state["probe_found"]
    if not found:
        return
    count = {verdict: sum(one.verdict == verdict for one in found) for verdict in VERDICTS}
    html('<p class="sw-count" role="status">{n}</p>', n=word("probe.page.count", **count))
    rows = "".join(_row(one) for verdict in VERDICTS for one in found if one.verdict == verdict)
    heads = "".join(f'<th scope="col">{escape(word(f"probe.page.{name}"))}</th>' for name in ("verdict", "what", "do"))
    st.html(f'<table class="sw-probe"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>')


def _row(one: probe_file.Found) -> str:
    cures = "".join(f"<li>{_cure(fix)}</li>" for fix in one.fixes[:MOST_FIXES])
    return (
        f'<tr data-verdict="{one.verdict}"><th scope="row">{escape(word(f"probe.{one.verdict}"))}</th>'
        f"<td>{escape(one.sentence)}</td><td>{f'<ul>{cures}</ul>' if cures else ''}</td></tr>"
    )


def _cure(fix: probe_file.FoundFix) -> str:
    return escape(f"{fix.text}: " if fix.text else "") + coded(fix.setting)
