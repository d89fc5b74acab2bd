"""The recommendation: the answer first, then why, what would change it, what to build, and where it is shown live."""

from __future__ import annotations

from html import escape

import streamlit as st

from guide import report as reports
from guide.book import book
from guide.diagram import svg
from guide.link import encode
from guide.pages import state
from guide.pages.frame import empty, html, link_problems, marks, source, word
from guide.report import Report, ReportNeed, ReportReason

# st.html would take the drawing out: it lets no SVG pass. What is shown here is drawn by us, with every text escaped.
_drawing = st.components.v2.component(
    "streamwise_drawing",
    js="""
export default function ({ data, parentElement }) {
  parentElement.innerHTML = data[0];
}
""",
)


def page() -> None:
    state.sync("verdict")
    link_problems()
    if not state.answers():
        empty(word("verdict.empty_title"), word("verdict.empty"), "ask", word("start.button"))
        return
    report = reports.build(book(), state.answers())
    with st.container(key="verdict"):
        _answer(report)
        _why(report)
        _table(report)
        _turns(report)
        _needs(report)
        _design(report)
        _sources(report)


def strength(report: Report) -> str:
    """How sure the recommendation is, in words."""
    verdict = report.verdict
    out = [s.option for s in verdict.standings if s.ruled_out]
    if verdict.kind == "option" and out:
        return word("verdict.ruled_out", name=reports.name(book(), out[0]))
    tie = "level_strength" if verdict.reasons else "open_strength"
    key = tie if verdict.kind == "level" else verdict.strength
    return word(f"verdict.{key}", margin=verdict.margin)


def _answer(report: Report) -> None:
    with st.container(key="answer"):
        html('<p class="sw-kicker">{title}</p>', title=word("verdict.title"))
        tie = report.verdict.kind == "level" and report.verdict.reasons
        st.title(word("verdict.level_long") if tie else report.headline, anchor=False)
        st.html(f'<p class="sw-sentence">{escape(report.sentence)}{marks(report.pattern_cited)}</p>')
        html('<p class="sw-strength">{text}</p>', text=strength(report))
        if report.missing:
            st.caption(word("verdict.incomplete", n=len(report.missing)))
        pages = st.session_state["pages"]
        with st.container(horizontal=True):
            if st.button(word("verdict.record"), type="primary", key="to_record"):
                st.switch_page(pages["record"], query_params=state.query())
            if st.button(word("verdict.live"), key="to_lab", icon=":material/play_circle:"):
                st.switch_page(pages["lab"], query_params=state.query())
            if st.button(word("verdict.edit"), key="to_ask", type="tertiary"):
                st.switch_page(pages["ask"], query_params={**state.query(), "at": state.CHECK})


def reason_item(reason: ReportReason) -> str:
    """One reason of a list, as HTML."""
    force = f"{word('force.' + reason.force.value)} {reason.option_name}"
    return (
        f"<li><b>{escape(_capital(reason.said))}.</b> {escape(_capital(reason.because))}.{marks(reason.cited)} "
        f'<span class="sw-force">{escape(force)}</span></li>'
    )


def _why(report: Report) -> None:
    st.header(word("verdict.why"), anchor=False)
    if report.beyond:
        st.html(f"<p><b>{escape(word('verdict.because', said=report.beyond))}</b>{marks(report.pattern_cited)}</p>")
    elif not report.reasons:
        st.write(word("verdict.reasons_none"))
    st.html(f'<ul class="sw-reasons">{"".join(map(reason_item, report.reasons))}</ul>')
    if report.verdict.kind == "option":
        st.subheader(word("verdict.against"), anchor=False)
        if report.against:
            st.html(f'<ul class="sw-reasons">{"".join(map(reason_item, report.against))}</ul>')
        else:
            st.write(word("verdict.against_none"))


def _table(report: Report) -> None:
    st.header(word("verdict.compare"), anchor=False)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in report.columns)
    body = "".join(
        f'<tr><th scope="row">{escape(row.title)}{marks(row.cited)}</th>'
        + "".join(
            f'<td data-name="{escape(name)}">{escape(cell)}</td>'
            for name, cell in zip(report.columns, row.cells, strict=True)
        )
        + "</tr>"
        for row in report.rows
    )
    st.html(f'<table class="sw-table"><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>')


def _turns(report: Report) -> None:
    st.header(word("verdict.turns"), anchor=False)
    if not report.turns:
        st.write(word("verdict.turns_none"))
    items = "".join(
        f"<li>{escape(word('verdict.turn', when=turn.when, name=turn.becomes_name))} "
        f'<a href="verdict?a={encode(turn.answers)}" target="_blank">{word("verdict.turn_see")}</a></li>'
        for turn in report.turns
    )
    st.html(f'<ul class="sw-list">{items}</ul>')
    if report.unknowns:
        st.subheader(word("verdict.unknowns"), anchor=False)
        st.write(word("verdict.unknowns_lead"))
        for answer in report.unknowns:
            html("<p><b>{ask}</b> {help}</p>", ask=answer.ask, help=book().questions[answer.question].help)


def need_item(need: ReportNeed) -> str:
    """One need of a list, as HTML."""
    return f"<li><b>{escape(need.title)}.</b> {escape(need.what)}{marks(need.cited)}</li>"


def _needs(report: Report) -> None:
    st.header(word("verdict.session"), anchor=False)
    st.write(word("verdict.session_lead"))
    st.html(f'<ul class="sw-list">{"".join(need_item(n) for n in report.needs if n.any_transport)}</ul>')
    own = [n for n in report.needs if not n.any_transport]
    if own:
        st.subheader(word("verdict.transport"), anchor=False)
        st.html(f'<ul class="sw-list">{"".join(map(need_item, own))}</ul>')


def _design(report: Report) -> None:
    drawing = svg(report)
    if drawing:
        st.header(word("verdict.diagram"), anchor=False)
        with st.container(key="diagram"):
            _drawing(key="drawing", data=(drawing,))


def _sources(report: Report) -> None:
    st.header(word("verdict.sources"), anchor=False)
    st.html(f'<ol class="sw-sources">{"".join(map(source, report.sources))}</ol>')
    st.caption(word("verdict.rules", version=report.version, hash=report.hash))
    st.caption(word("verdict.share"))
    st.code(f"/verdict?a={encode(state.answers())}", language=None, wrap_lines=True)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
