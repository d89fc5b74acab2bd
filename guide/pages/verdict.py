"""Recommendation page: the answer, what to do next, and then why, what would change it, the path, what to build."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

from guide.book import book
from guide.book.link import encode
from guide.decision import engine
from guide.decision.plan import plan
from guide.pages import state
from guide.pages.frame import empty, fold, html, link_problems, marks, source, word
from guide.pages.parts import panel
from guide.pages.sections import next_steps as steps
from guide.pages.sections import path as passage
from guide.pages.sections import robustness as sureness
from guide.pages.sections import what_to_build as building
from guide.report import report as reports
from guide.report.report import Report, ReportReason, ReportTurn, ReportUnknown
from guide.report.turn_groups import TurnGroup, turn_groups


def page() -> None:
    state.sync("verdict")
    link_problems()
    if not state.answers():
        empty(word("verdict.empty_title"), word("verdict.empty"), "ask", word("start.button"))
        return
    report = reports.build(book(), state.answers())
    with st.container(key="verdict"):
        _answer(report)
        _clashes(report)
        todo = steps.steps_of(report)
        steps.show(report, todo)
        _contents(report)
        _why(report)
        _turns(report)
        _worth(report)
        passage.show(report, told=bool(todo))
        building.show(report)
        if report.verdict.kind != "outside":
            st.html(sureness.method(report))
        _sources(report)


def _answer(report: Report) -> None:
    with st.container(key="answer"):
        html('<p class="sw-kicker">{title}</p>', title=word("verdict.title"))
        tie = report.verdict.kind == "level" and report.verdict.reasons
        st.title(word("verdict.level_long") if tie else report.headline, anchor=False)
        st.html(f'<p class="sw-sentence">{escape(report.sentence)}{marks(report.pattern_cited)}</p>')
        sureness.show(report)
        if report.session:
            html('<p class="sw-session">{text}</p>', text=report.session)
        deciding = {state.lead(a.question) for a in report.missing if a.chapter not in book().after}
        if deciding:
            key = "verdict.incomplete_settled" if report.verdict.settled else "verdict.incomplete"
            st.caption(word(f"{key}_one" if len(deciding) == 1 else key, n=len(deciding)))
        _actions()
    _after()


def _after() -> None:
    """The questions that come after the recommendation, while one of them is open."""
    left = [
        lead
        for lead, qids in engine.cards(book(), state.answers()).items()
        if book().questions[lead].chapter in book().after and not panel.card_answered(qids)
    ]
    if not left:
        return
    with st.container(key="after", border=True):
        told, go = st.columns([5, 2], vertical_alignment="center")
        title = word("verdict.after_one" if len(left) == 1 else "verdict.after", n=len(left))
        with told:
            html(
                "<p><b>{title}.</b> {lead}</p>",
                title=title,
                lead=word("verdict.after_lead_one" if len(left) == 1 else "verdict.after_lead"),
            )
        if go.button(word("verdict.after_go"), key="to_after", width="stretch"):
            st.switch_page(st.session_state["pages"]["ask"], query_params={**state.query(), "at": left[0]})


def _actions() -> None:
    pages = st.session_state["pages"]
    with st.container(horizontal=True):
        if st.button(word("verdict.record"), type="primary", key="to_record"):
            st.switch_page(pages["record"], query_params=state.query())
        if "compare" in pages and st.button(word("verdict.compare_change"), key="to_compare"):
            st.switch_page(pages["compare"], query_params=state.query())
        if st.button(word("verdict.live"), key="to_lab", icon=":material/play_circle:"):
            st.switch_page(pages["lab"], query_params=state.query())
        if st.button(word("verdict.edit"), key="to_ask", type="tertiary"):
            st.switch_page(pages["ask"], query_params={**state.query(), "at": state.CHECK})


def _clashes(report: Report) -> None:
    if report.clashes:
        items = "".join(f"<li>{escape(clash.sentence)}{marks(clash.cited)}</li>" for clash in report.clashes)
        st.html(
            f'<section class="sw-clash" aria-labelledby="clash"><h2 id="clash">{word("verdict.clashes")}</h2>'
            f"<ul>{items}</ul></section>"
        )


def _contents(report: Report) -> None:
    """Links to what follows, for those who come with one thing in mind."""
    parts = {
        "section-why": word("verdict.why"),
        "section-turns": _turns_title(report),
        "section-worth": word("verdict.worth") if report.worth else "",
        "section-path": word("path.title") if plan(book()).path and report.verdict.kind != "outside" else "",
        **building.contents(report),
        "section-sources": word("verdict.sources"),
    }
    links = "".join(
        f'<li><a href="#{key}" target="_self">{escape(title)}</a></li>' for key, title in parts.items() if title
    )
    st.html(f'<nav class="sw-contents" aria-label="{word("verdict.contents")}"><ul>{links}</ul></nav>')


def reason_item(*reasons: ReportReason) -> str:
    """One answer of a list with the reasons that it gave, as HTML."""
    cited = {one.number: one for reason in reasons for one in reason.cited}.values()
    because = " ".join(f"{escape(_capital(reason.because))}." for reason in reasons)
    forces = (f"{word('force.' + reason.force.value)} {reason.option_name}" for reason in reasons)
    told = " ".join(f'<span class="sw-force">{escape(force)}</span>' for force in forces)
    return f"<li><b>{escape(_capital(reasons[0].said))}.</b> {because}{marks(cited)} {told}</li>"


def _reason_items(reasons: Iterable[ReportReason]) -> str:
    """Each answer once: what follows from it for one transport and for the other has one ground."""
    said: dict[str, list[ReportReason]] = {}
    for reason in reasons:
        said.setdefault(reason.said, []).append(reason)
    return "".join(reason_item(*same) for same in said.values())


def _why(report: Report) -> None:
    st.header(word("verdict.why"), anchor="section-why")
    if report.beyond:
        st.html(f"<p><b>{escape(word('verdict.because', said=report.beyond))}</b>{marks(report.pattern_cited)}</p>")
    elif not report.reasons:
        st.write(word("verdict.reasons_none"))
    if report.reasons:
        st.html(f'<ul class="sw-reasons">{_reason_items(report.reasons)}</ul>')
    if report.verdict.kind == "option":
        st.subheader(word("verdict.against"), anchor=False)
        costs = "".join(f"<li>{escape(cost.text)}{marks(cost.cited)}</li>" for cost in report.costs)
        if costs or report.against:
            st.html(f'<ul class="sw-reasons">{costs}{_reason_items(report.against)}</ul>')
        else:
            st.write(word("verdict.against_none"))


def _turns_title(report: Report) -> str:
    return word("verdict.tips" if report.verdict.kind == "level" else "verdict.turns")


def _turns(report: Report) -> None:
    st.header(_turns_title(report), anchor="section-turns")
    if not report.turns:
        st.write(word("verdict.turns_none"))
        return
    if all(turn.size > 1 for turn in report.turns):
        st.write(word("verdict.turns_one_none"))
    st.html(_turn_groups(report.turns))


def _turn_groups(turns: Iterable[ReportTurn]) -> str:
    """What leads to one recommendation stands together, as HTML; a long list is folded."""
    return "".join(map(_turn_group, turn_groups(turns)))


MOST_TURNS = 6
"""Turns of a group that are shown at once."""


def _turn_group(group: TurnGroup) -> str:
    key = "verdict.turn_with" if group.common else "verdict.turn_to"
    one = "_one" if len(group.turns) == 1 else ""
    lead = escape(word(key + one, name=group.becomes_name, common=group.common))
    items = [_turn(when, turn) for when, turn in group.turns]
    shown = f'<ul class="sw-list">{"".join(items[:MOST_TURNS])}</ul>'
    if rest := items[MOST_TURNS:]:
        more = word("verdict.turns_more", n=len(rest))
        shown += f'<details><summary>{more}</summary><ul class="sw-list">{"".join(rest)}</ul></details>'
    return f'<div class="sw-turns"><p>{lead}</p>{shown}</div>'


def _turn(when: str, turn: ReportTurn) -> str:
    """One answer, which is a link to where both recommendations stand side by side."""
    if "compare" in st.session_state["pages"]:
        address = f"compare?a={encode(state.answers())}&amp;b={encode(turn.answers)}"
        return f"<li>{_link(address, _capital(when), word('verdict.turn_compare'))}</li>"
    return f"<li>{_link(f'verdict?a={encode(turn.answers)}', _capital(when), word('verdict.turn_see'))}</li>"


def _link(address: str, text: str, does: str) -> str:
    """A link to a tab of its own, which says so to those who hear it."""
    label = escape(f"{text}. {does} {word('verdict.new_tab')}", quote=True)
    return f'<a href="{address}" target="_blank" aria-label="{label}">{escape(text)}</a>'


def _worth(report: Report) -> None:
    rest = len(report.unknowns) - len(report.worth)
    if report.worth:
        st.header(word("verdict.worth"), anchor="section-worth")
        st.write(word("verdict.worth_lead"))
        st.html(f'<ul class="sw-list">{"".join(map(_unknown, report.worth))}</ul>')
    if rest > 0:
        st.caption(word("verdict.worth_rest", n=rest))


def _unknown(unknown: ReportUnknown) -> str:
    return f"<li><b>{escape(unknown.ask)}</b> {escape(unknown.help)}{_turn_groups(unknown.turns)}</li>"


def _sources(report: Report) -> None:
    listed = f'<ol class="sw-sources">{"".join(map(source, report.sources))}</ol>'
    note = word("verdict.sources_count", n=len(report.sources))
    st.html(fold("section-sources", word("verdict.sources"), listed, note))
    st.caption(word("verdict.rules", version=report.version, hash=report.hash))
    st.caption(word("verdict.share"))
    st.code(f"/verdict?a={encode(state.answers(), book().version)}", language=None, wrap_lines=True)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
