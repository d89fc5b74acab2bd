"""Section of the recommendation page on what to build: drawing, needs by the step of the work, comparison."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import get_args

import streamlit as st

from guide.model import StepId
from guide.pages.frame import fold, marks, word
from guide.report.diagram import svg
from guide.report.report import Report, ReportNeed

# st.html would take the drawing out: it lets no SVG pass. What is shown here is drawn by us, with every text escaped.
_drawing = st.components.v2.component(
    "streamwise_drawing",
    html="<div class='drawing' tabindex='0'>\n</div>",
    # On a phone it scrolls sideways, rather than shrink past reading; what scrolls must be reached by keyboard.
    css=".drawing { overflow-x: auto; }\nsvg { min-width: 34rem; }",
    js="""
export default function ({ data, parentElement }) {
  parentElement.querySelector(".drawing").innerHTML = data[0];
}
""",
)


def contents(report: Report) -> dict[str, str]:
    """Anchors of these sections and their titles; '' where there is none."""
    return {
        "section-design": word("verdict.diagram") if report.lanes else "",
        "section-build": word("verdict.build") if report.needs else "",
        "section-compare": word("verdict.compare"),
    }


def show(report: Report) -> None:
    """Drawing, needs, comparison."""
    if drawing := svg(report):
        st.header(word("verdict.diagram"), anchor="section-design")
        with st.container(key="diagram"):
            _drawing(key="drawing", data=(drawing,))
    if report.needs:
        st.header(word("verdict.build"), anchor="section-build")
        st.write(word("verdict.build_lead"))
        for step in get_args(StepId):
            if needs := [need for need in report.needs if need.step == step]:
                st.html(f"<h3>{escape(word(f'steps.{step}.heading'))}</h3>{_need_list(needs)}")
    _table(report)


def _table(report: Report) -> None:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in report.designs)
    body = "".join(
        f'<tr><th scope="row">{escape(row.title)}{marks(row.cited)}</th>'
        + "".join(
            f'<td data-name="{escape(name)}">{escape(cell)}</td>'
            for name, cell in zip(report.designs, row.cells, strict=True)
        )
        + "</tr>"
        for row in report.rows
    )
    table = f'<table class="sw-table"><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>'
    st.html(fold("section-compare", word("verdict.compare"), table))


def need_item(need: ReportNeed, anchor: str = "") -> str:
    """One need of a list, as HTML: its name, and on demand what it asks for. A link to the anchor opens it."""
    only = ""
    if anchor and need.option_name:
        only = f' <span class="sw-force">{escape(word("path.only", name=need.option_name))}</span>'
    return (
        f"<li><details><summary><b>{escape(need.title)}</b>{only}</summary>"
        f'<div id="{anchor}"><p>{escape(need.what)}{marks(need.cited)}</p>'
        f"<p><b>{word('verdict.confirm')}</b> {escape(need.confirm)}</p></div></details></li>"
    )


def _need_list(needs: Iterable[ReportNeed]) -> str:
    return f'<ul class="sw-needs">{"".join(need_item(need, f"need-{need.id}") for need in needs)}</ul>'
