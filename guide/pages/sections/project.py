"""Offers the project to start from: one button for all of it, and a fold that tells what is in it."""

from __future__ import annotations

import datetime
from functools import partial
from html import escape

import streamlit as st

from guide.book import book
from guide.decision.starter import variants
from guide.model import Record
from guide.pages.frame import word
from guide.report.report import Report, ReportProject, build
from guide.starter.archive import zipped
from guide.starter.project import make, texts

CODE_PX = 420


def show(report: Report, place: str, record: Record | None = None) -> None:
    """The button and the fold; nothing where there is no project. `record`: the decision as it was written."""
    if not report.projects:
        return
    with st.container(key=f"project_{place}"):
        project = _settled(report, place)
        st.download_button(
            word("project.download"),
            data=partial(zip_file, report, project.option, record),  # made when asked for
            file_name=f"streamwise-{project.program}.zip",
            mime="application/zip",
            key=f"zip_{place}",
            on_click="ignore",
            icon=":material/download:",
            type="primary" if place == "steps" else "secondary",
        )
        with st.expander(word("project.fold", n=len(project.files))):
            _contents(report, project)


def _settled(report: Report, place: str) -> ReportProject:
    """The one project; where the choice is level, the one that the visitor picks."""
    if len(report.projects) == 1:
        return report.projects[0]
    by_option = {project.option: project for project in report.projects}
    picked = st.radio(
        word("project.transport"),
        list(by_option),
        format_func=lambda option: by_option[option].option_name,
        key=f"transport_{place}",
        horizontal=True,
    )
    return by_option[picked]


def zip_file(report: Report, option: str, record: Record | None) -> bytes:
    settled = report if report.chosen == option else build(book(), report.raw, option)
    made = make(book(), settled, datetime.datetime.now(datetime.UTC).date(), record)
    return zipped(made.files, made.name)


def _contents(report: Report, project: ReportProject) -> None:
    """Each file with a sentence, and the text of the most telling ones."""
    items = "".join(f"<li><code>{escape(file.path)}</code> {escape(file.what)}</li>" for file in project.files)
    st.html(f'<ul class="sw-list">{items}</ul>')
    shown = [file.path for file in project.files if file.shown]
    variant = next(one for one in variants(book(), report.raw, report.chosen) if one.option == project.option)
    told = texts(book(), report, variant)
    for path, tab in zip(shown, st.tabs(shown), strict=True):
        with tab, st.container(height=CODE_PX):  # the whole box scrolls, as its button has the focus
            st.code(told[path], language=None, wrap_lines=True)
