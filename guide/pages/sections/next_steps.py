"""Section of the recommendation page with the steps that follow it: each with its settings, files and links."""

from __future__ import annotations

from html import escape
from pathlib import Path

import streamlit as st

from guide.book import book
from guide.book.link import encode
from guide.decision.plan import plan
from guide.pages import state
from guide.pages.frame import html, word
from guide.pages.sections import project
from guide.pages.sections.path import settings_list
from guide.report.checklist import checklist
from guide.report.next_steps import Step, next_steps
from guide.report.report import Report

_HERE = Path(__file__).parents[1] / "parts"
_copy = st.components.v2.component(
    "streamwise_copy",
    html=(_HERE / "copy.html").read_text(encoding="utf-8"),
    css=(_HERE / "copy.css").read_text(encoding="utf-8"),
    js=(_HERE / "copy.js").read_text(encoding="utf-8"),
)


def steps_of(report: Report) -> tuple[Step, ...]:
    """The steps that the page shows."""
    return next_steps(book().words, report, plan(book()).path)


def show(report: Report, steps: tuple[Step, ...]) -> None:
    """The whole section; nothing where there is nothing to do yet."""
    if not steps:
        return
    with st.container(key="steps"):
        with st.container(key="steps_head", horizontal=True, vertical_alignment="bottom"):
            with st.container():
                st.header(word("steps.title"), anchor="section-steps")
                html('<p class="sw-soft">{text}</p>', text=word("steps.lead"))
            told = checklist(book().words, report, steps, _address())
            labels = {key: word(f"steps.{key}") for key in ("copy", "copied", "not_copied")}
            # A dict at the first level would import pandas; inside a tuple it does not.
            _copy(key="copy_steps", data=({"text": told, **labels},))
        for number, step in enumerate(steps, 1):
            with st.container(key=f"step_{step.id}"):
                st.html(_told(number, step, report))
                if step.id == "server" and step.files:
                    project.show(report, "steps")


def _address() -> str:
    """Where this recommendation is found, as whoever copies it would open it."""
    base = (st.context.url or "/verdict").split("?")[0]
    return f"{base}?a={encode(state.answers(), book().version)}"


def _told(number: int, step: Step, report: Report) -> str:
    """One step without its files, as HTML."""
    parts = [f'<h3><span class="sw-number">{number}</span> {escape(step.title)}</h3>']
    if step.text:
        parts.append(f"<p>{escape(step.text)}</p>")
    if step.settings:
        parts.append(settings_list(report))
    parts += [f"<p><code>{escape(command)}</code></p>" for command in step.commands]
    links = list(_links(step))
    if links:
        parts.append(f'<p class="sw-step-links">{" ".join(links)}</p>')
    return f'<div class="sw-step">{"".join(parts)}</div>'


def _links(step: Step) -> list[str]:
    """To the question, the needs and the scenario that belong to a step, as HTML."""
    answers = encode(state.answers(), book().version)
    found = []
    if step.ask:
        found.append(_link(f"ask?a={answers}&amp;at={step.ask}", word("steps.unknown.go")))
    found += [_link(f"#need-{need.id}", need.title) for need in step.needs]
    if step.see and "lab" in st.session_state["pages"]:
        found.append(_link(f"lab?a={answers}&amp;s={step.see}", word("steps.lab"), "sw-live"))
    return found


def _link(address: str, text: str, kind: str = "") -> str:
    return f'<a class="{kind}" href="{address}" target="_self">{escape(text)}</a>'
