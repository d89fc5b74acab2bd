"""Form fields of a record: title, context, deciders, date, status, choice and reason, kept for the session."""

from __future__ import annotations

import datetime
from typing import Any

import streamlit as st

from guide.book import book
from guide.pages.frame import word
from guide.record.file_name import MOST_NUMBER
from guide.report.report import Report

TITLE_PX = 76
STAY: Any = {"persist_state": "session"}


def show(report: Report) -> dict[str, Any]:
    """The form. Returns what stands in it, by the names of a record's fields."""
    choices = _set_defaults(report)
    about = _about()
    chosen, reason = _choice(report, choices)
    return {**about, "chosen": chosen, "reason": reason}


def _set_defaults(report: Report) -> dict[str, str]:
    """What stands in the fields that nobody has filled; returns the choices there are, with their names."""
    state_ = st.session_state
    defaults = {
        "r_title": word("record.field.title_level")
        if report.verdict.kind == "level"
        else word("record.field.title_default", name=_within(report.headline)),
        "r_context": "",
        "r_deciders": "",
        "r_reason": "",
        "r_number": 1,
        "r_status": "proposed",
        "r_date": datetime.datetime.now(datetime.UTC).date(),
    }
    if state_.get("r_title") == state_.get("r_title_offered"):  # nobody has written another one: it follows the advice
        state_["r_title"] = state_["r_title_offered"] = defaults["r_title"]
    for key, value in defaults.items():
        state_.setdefault(key, value)
    choices = _choices(report, str(state_.get("r_chosen") or ""))
    # A choice that was never made follows the recommendation; one that was made stays.
    if not state_.get("r_decided") or state_.get("r_chosen") not in choices:
        state_["r_chosen"] = report.verdict.choice if report.verdict.choice in choices else None
    return choices


def _about() -> dict[str, Any]:
    """What was decided on, by whom, and when."""
    # Two lines, so that the whole of a title can be seen.
    title = st.text_area(word("record.field.title"), key="r_title", max_chars=200, height=TITLE_PX, **STAY)
    context = st.text_area(
        word("record.field.context"),
        key="r_context",
        max_chars=5000,
        help=word("record.field.context_help"),
        height=120,
        **STAY,
    )
    deciders = st.text_input(
        word("record.field.deciders"), key="r_deciders", max_chars=500, help=word("record.field.deciders_help"), **STAY
    )
    first, second, third = st.columns(3)
    number = third.number_input(
        word("record.field.number"),
        min_value=1,
        max_value=MOST_NUMBER,
        step=1,
        format="%04d",
        key="r_number",
        help=word("record.field.number_help"),
        **STAY,
    )
    date = first.date_input(word("record.field.date"), key="r_date", **STAY)
    status = second.selectbox(
        word("record.field.status"),
        ["proposed", "accepted"],
        key="r_status",
        format_func=lambda s: word(f"record.status.{s}"),
        **STAY,
    )
    about = {"title": title, "context": context, "deciders": deciders, "date": date, "status": status}
    return {**about, "number": number}


def _choice(report: Report, choices: dict[str, str]) -> tuple[str | None, str]:
    """What was chosen, and why."""
    chosen = st.radio(
        word("record.field.chosen"),
        list(choices),
        key="r_chosen",
        format_func=choices.__getitem__,
        on_change=_decided,
        **STAY,
    )
    label = (
        "reason_optional"
        if chosen == report.verdict.choice
        else "reason_level"
        if report.verdict.kind == "level"
        else "reason"
    )
    reason = st.text_area(word(f"record.field.{label}"), key="r_reason", max_chars=2000, height=90, **STAY)
    return chosen, reason


def _decided() -> None:
    st.session_state["r_decided"] = True


def _choices(report: Report, kept: str) -> dict[str, str]:
    """Both transports, what the guide recommends where it is neither, and what was chosen before."""
    names = {option: report.names[option] for option in book().options}
    names |= {choice: report.names[choice] for choice in (report.verdict.choice, kept) if choice in report.names}
    if report.verdict.choice in names:
        names[report.verdict.choice] = word("record.field.chosen_guide", name=names[report.verdict.choice])
    return names


def _within(name: str) -> str:
    """A name as it reads in the middle of a sentence: 'one POST', but 'SSE' and 'WebSocket'."""
    first = name.split(" ")[0]
    return name[:1].lower() + name[1:] if first[1:].islower() else name
