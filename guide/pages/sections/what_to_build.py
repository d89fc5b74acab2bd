"""Section of the recommendation page on what to build: comparison table, needs, diagram."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

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
        "section-compare": word("verdict.compare"),
        "section-session": word("verdict.session"),
        "section-transport": word("verdict.transport") if _own(report) else "",
        "section-design": word("verdict.diagram") if report.lanes else "",
    }


def show(report: Report) -> None:
    """Comparison, needs, drawing."""
    _table(report)
    st.header(word("verdict.session"), anchor="section-session")
    st.write(word("verdict.session_lead"))
    st.html(_need_list(n for n in report.needs if n.any_transport))
    if own := _own(report):
        st.header(word("verdict.transport"), anchor="section-transport")
        st.html(_need_list(own))
    if drawing := svg(report):
        st.header(word("verdict.diagram"), anchor="section-design")
        with st.container(key="diagram"):
            _drawing(key="drawing", data=(drawing,))


def _own(report: Report) -> list[ReportNeed]:
    return [need for need in report.needs if not need.any_transport]


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


def need_item(need: ReportNeed) -> str:
    """One need of a list, as HTML: its name, and on demand what it asks for."""
    return (
        f"<li><details><summary><b>{escape(need.title)}</b></summary>"
        f"<p>{escape(need.what)}{marks(need.cited)}</p></details></li>"
    )


def _need_list(needs: Iterable[ReportNeed]) -> str:
    return f'<ul class="sw-needs">{"".join(map(need_item, needs))}</ul>'
