"""Decision record page: the user's decision, the guide's reasons and the measured evidence, for download."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st
from pydantic import ValidationError

from guide.book import book
from guide.model import Evidence, Record
from guide.pages import state
from guide.pages.frame import empty, unmarked, word
from guide.pages.parts import draft
from guide.pages.parts.probe_upload import take_over
from guide.pages.sections import project, record_form
from guide.record import probe_file as probed
from guide.record import saved_record as records
from guide.record.evidence_section import spoiled
from guide.record.exports import formats, markdown
from guide.record.file_name import file_name
from guide.report import report as reports
from guide.report.report import Report
from guide.watch.comparison import Finding, Level, compare

MAIN = "markdown"
"""The form that decision records are kept in; the others are there for who needs them."""
PREVIEW_PX = 460
PARTS: dict[str, Callable[[Finding], bool]] = {
    "strength": lambda one: one.about == "strength",
    "new_reasons": lambda one: one.about == "reason" and not one.then,
    "gone_reasons": lambda one: one.about == "reason" and not one.now,
    "new_needs": lambda one: one.about == "need" and not one.then,
    "gone_needs": lambda one: one.about == "need" and not one.now,
    "facts": lambda one: one.about == "fact" and one.level is Level.MOVED,
    "unknown": lambda one: one.level is Level.UNKNOWN,
}
"""What `watch` finds, by the heading under which it is shown. That the verdict turned is said above it."""


def page() -> None:
    state.sync("record")
    _opened()
    if not state.answers():
        empty(word("record.empty_title"), word("record.empty"), "ask", word("start.button"))
        _open()
        return
    advice = reports.build(book(), state.answers())
    st.title(word("record.title"), anchor=False)
    st.write(word("record.lead"))
    draft.restore()
    with st.container(key="two_columns"):
        left, right = st.columns([1, 1], gap="large")
    with left, st.container(key="record"):
        fields = record_form.show(advice)
        evidence = _evidence()
    with right, st.container(key="record_files"):
        _take_away(reports.build(book(), state.answers(), fields["chosen"]), fields, evidence)
        _open()
    draft.keep()


def _evidence() -> tuple[Evidence, ...]:
    st.header(word("record.evidence"), anchor=False)
    kept: dict[str, Evidence] = st.session_state.get("evidence", {})
    if missing := st.session_state.get("evidence_missing"):
        st.warning(word(missing))
    if not kept:
        if not missing:
            st.write(word("record.evidence_none"))
        if st.button(word("record.evidence_go"), key="to_lab", icon=":material/play_circle:"):
            st.switch_page(st.session_state["pages"]["lab"], query_params=state.query())
        return ()
    chosen = []
    doubted = all(not one.verified for one in kept.values())
    if doubted:
        st.caption(word("record.evidence_all_unverified"))
    for evidence in kept.values():
        taken = f"{evidence.taken.astimezone(datetime.UTC):%Y-%m-%d %H:%M} UTC"
        label = word("record.evidence_include", title=unmarked(evidence.title), taken=taken)
        broken = spoiled(evidence)
        marks = [("evidence_unverified", not evidence.verified and not doubted), ("evidence_spoiled", broken)]
        label += "".join(f" ({word(f'record.{key}')})" for key, holds in marks if holds)
        if st.checkbox(label, value=not broken, key=f"e_{evidence.id}", persist_state="session"):
            chosen.append(evidence)
    return tuple(chosen)


def _take_away(report: Report, fields: dict[str, Any], evidence: tuple[Evidence, ...]) -> None:
    st.header(word("record.download"), anchor=False)
    title = " ".join(fields["title"].split())  # its box has two lines, a title has one
    problems = [] if title else [word("record.problem.title")]
    record = None
    try:
        record = Record(**{**fields, "title": title or "-", "chosen": fields["chosen"] or "none"},
                        answers=report.raw, evidence=evidence)  # fmt: skip
        problems += [word(key) for key in records.problems(report, record)]
    except ValidationError as error:
        problems += [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    if problems or record is None:
        st.warning(word("record.incomplete") + "\n\n" + "\n".join(f"- {p}" for p in problems))
    short = st.checkbox(word("record.short"), key="r_short", help=word("record.short_help"), **record_form.STAY)
    with st.container(horizontal=True, key="downloads"):
        for form in sorted(formats(), key=lambda one: one.name != MAIN):
            st.download_button(
                form.label,
                data=b"" if record is None else partial(form.render, report, record, short),  # made when asked for
                file_name=None if record is None else file_name(record, form.suffix),
                mime=form.mime,
                key=f"get_{form.suffix}",
                on_click="ignore",
                disabled=bool(problems),
                type="primary" if form.name == MAIN else "secondary",
            )
    if record is not None and not problems:
        st.header(word("record.preview"), anchor=False)
        text = markdown.render(report, record, short).decode()
        with st.container(
            height=PREVIEW_PX, key="record_preview"
        ):  # the whole box scrolls, as its button has the focus
            st.code(text, language=None, wrap_lines=True)
        project.show(report, "record", record)


def _open() -> None:
    with st.expander(word("record.open"), key="open_record"):
        st.file_uploader(
            word("record.open"),
            type=["json"],
            key="r_file",
            help=word("record.open_help"),
            on_change=_load,
            label_visibility="collapsed",
        )


def _load() -> None:
    """Callback: a saved record in place of what is here, a probe's result beside it; another file changes nothing."""
    file = st.session_state["r_file"]
    if file is None:
        return
    try:
        if probed.is_probe(records.parsed(file.getvalue())):
            st.session_state["opened"] = (True, take_over(file.getvalue()))
            return
        loaded = records.load(file.getvalue(), book())
    except records.RecordError as error:
        st.session_state["opened"] = (False, f"{word('record.not_opened')} {error}")
        return
    record = loaded.record
    state.replace(dict(record.answers), to="")
    for key in ("title", "number", "context", "deciders", "date", "status", "chosen", "reason"):
        st.session_state[f"r_{key}"] = getattr(record, key)
    st.session_state["r_decided"] = True
    st.session_state["evidence"] = {e.id: e for e in record.evidence}
    st.session_state["evidence_ids"], st.session_state["evidence_missing"] = (), ""
    today = reports.build(book(), record.answers)
    said = (
        word("record.opened_now", name=today.headline)
        if today.verdict.choice == record.chosen
        else word("record.opened_changed", chosen=today.names.get(record.chosen, record.chosen), name=today.headline)
    )
    if loaded.moved:
        said += " " + word("record.opened_moved", n=len(loaded.moved))
    st.session_state["opened"] = (True, f"{word('record.opened', title=record.title, version=loaded.version)} {said}")
    then = loaded.then.headline or loaded.then.choice if loaded.then else ""
    st.session_state["since"] = (then, today.headline, tuple(compare(book(), loaded)))


def _opened() -> None:
    outcome = st.session_state.get("opened")
    if outcome:
        good, message = outcome
        # The title came from a file.
        (st.success if good else st.error)(unmarked(message))
        if good and st.session_state.get("since"):
            _since(*st.session_state["since"])


def _since(then: str, now: str, found: tuple[Finding, ...]) -> None:
    """What `watch` finds about the record. Its texts came from a file: they are shown as plain text."""
    told = [finding for finding in found if finding.level is not Level.RECHECKED]
    with st.expander(word("record.since"), expanded=bool(told), key="since_record"):
        if then:
            st.write(unmarked(word("record.since_then", then=then, now=now)))
        if not told:
            st.write(word("record.since_same"))
        for name, belongs in PARTS.items():
            if lines := [_line(finding) for finding in told if belongs(finding)]:
                st.markdown(f"**{word(f'record.since_{name}')}**\n\n" + "\n".join(f"- {line}" for line in lines))


def _line(finding: Finding) -> str:
    """A new or gone entry by its text alone; what moved with then and now."""
    both = finding.about in ("fact", "strength") or finding.level is Level.UNKNOWN
    return unmarked(finding.sentence if both else finding.now or finding.then)
