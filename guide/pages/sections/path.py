"""Section of the recommendation page on the path: what cuts each transport first, settings, unsolved problems."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby

import streamlit as st

from guide.book import book
from guide.decision.plan import plan
from guide.model import Trouble
from guide.pages import state
from guide.pages.frame import coded, duration, fold, html, marks, word
from guide.pages.sections import proxy_configs as configs
from guide.report.path import ReportCut, ReportLimit
from guide.report.report import Cited, Report

Limit = ReportLimit[Cited]


def show(report: Report, told: bool) -> None:
    """The whole section; nothing where the book asks for no path, or where neither transport is the answer.

    `told`: whether the page has said already what to set.
    """
    question = plan(book()).path
    if question is None or report.verdict.kind == "outside":
        return
    st.header(word("path.title"), anchor="section-path")
    if not report.path.known:
        st.write(word("path.unknown"))
        if st.button(word("path.ask"), key="to_path"):
            st.switch_page(st.session_state["pages"]["ask"], query_params={**state.query(), "at": question})
        return
    if not report.path.limits:
        st.write(word("path.clear"))
    else:
        st.subheader(word("path.cuts"), anchor=False)
        st.html(f'<div class="sw-cuts">{"".join(map(_cut, report.path.cuts))}</div>')
    _remains(report, told)
    configs.show(report)
    st.subheader(word("path.heartbeat"), anchor=False)
    html('<p class="sw-heartbeat">{text}</p>', text=heartbeat(report))
    if report.path.limits:
        st.html(_tiers(report))


def _tiers(report: Report) -> str:
    """Everything that was found, in the order in which a request meets it; folded, as HTML."""
    head = "".join(f'<th scope="col">{word(f"path.{column}")}</th>' for column in _COLUMNS)
    body = "".join(_row(limit, report) for limit in report.path.limits)
    table = f'<table class="sw-table sw-tiers"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return fold("section-tiers", word("path.tiers"), table, word("path.tiers_count", n=len(report.path.limits)))


def heartbeat(report: Report) -> str:
    """How often to send one, and who asks for it."""
    every = report.path.heartbeat
    if every is None:
        return word("path.heartbeat_none")
    by = report.path.heartbeat_by
    return word("path.heartbeat_by" if by else "path.heartbeat_every", every=duration(every), tier=by)


def _cut(cut: ReportCut[Cited]) -> str:
    """One transport: what meets it at once, then what ends it, the earliest first."""
    timed = sorted((limit for limit in (cut.length, cut.silence) if limit), key=lambda limit: limit.after or 0)
    found = [limit for limit in (cut.refuses, cut.holds, *timed) if limit]
    items = "".join(f"<li>{_cut_sentence(limit)}{marks(limit.cited)}</li>" for limit in found)
    listed = f"<ol>{items}</ol>" if items else f"<p>{escape(word('path.cut.none'))}</p>"
    return f"<section><h4>{escape(book().options[cut.option].name)}</h4>{listed}</section>"


_CUTS = {Trouble.HOLDS: "holds", Trouble.UPGRADE: "refuses", Trouble.LENGTH: "length", Trouble.SILENCE: "silence"}


def _cut_sentence(limit: Limit) -> str:
    after = duration(limit.after) if limit.after else ""
    first = escape(word(f"path.cut.{_CUTS[limit.trouble]}", tier=limit.tier, after=after))
    if limit.trouble is Trouble.SILENCE:
        then = word("path.heartbeat_cures")
    else:
        then = word("path.cured" if limit.cured else "path.not_cured")
    perhaps = f", {word('path.perhaps')}" if limit.bites is None else ""
    only = f", {coded(limit.only)}" if limit.only else ""
    return f"<b>{first}</b>{only}{escape(perhaps)}; {escape(then)}."


def settings_list(report: Report) -> str:
    """What to set, by the thing in the path where it is set, as HTML."""
    return f'<ul class="sw-list sw-settings">{"".join(_tier_settings(report))}</ul>'


def _remains(report: Report, told: bool) -> None:
    """What to set, unless the steps have `told` it, and what no setting changes."""
    if report.path.settings and not told:
        option = book().options.get(report.verdict.choice)
        label = word("path.settings", name=option.short) if option else word("path.settings_any")
        st.subheader(label, anchor=False)
        st.html(settings_list(report))
    if report.path.left:
        st.subheader(word("path.left"), anchor=False)
        items = "".join(f"<li>{_left(limit)}{marks(limit.cited)}</li>" for limit in report.path.left)
        st.html(f'<ul class="sw-list">{items}</ul>')


def _left(limit: Limit) -> str:
    """What stays, with the name of the thing in front unless the sentence begins with it; as HTML."""
    if limit.sentence.startswith(limit.tier):
        return f"<b>{escape(limit.tier)}</b>{escape(limit.sentence.removeprefix(limit.tier))}"
    return f"<b>{escape(limit.tier)}.</b> {escape(limit.sentence)}"


def _tier_settings(report: Report) -> Iterator[str]:
    """One entry for each thing in the path, with all that is to be set there."""
    for tier, limits in groupby(report.path.settings, key=lambda limit: limit.tier):
        items = "".join(f"<li>{coded(s.setting)}{marks(s.cited)} {_only(s, report)}</li>" for s in limits)
        yield f"<li><b>{escape(tier)}</b><ul>{items}</ul></li>"


def _only(limit: Limit, report: Report) -> str:
    """For which transport; said only where settings for both stand side by side."""
    if limit.option is None or report.verdict.choice in book().options:
        return ""
    return f'<span class="sw-force">{escape(word("path.only", name=limit.option_name))}</span>'


_COLUMNS = ("part", "does", "limit", "figure", "bites")


def _row(limit: Limit, report: Report) -> str:
    only = escape(word("path.only", name=limit.option_name)) if limit.option else ""
    hit = limit.bites if limit.concerns else False  # what meets the other transport alone
    bites = word("path.not_known" if hit is None else "path.yes" if hit else "path.no")
    cells = (
        f"<b>{word(f'trouble.{limit.trouble.value}')}.</b> {escape(limit.sentence)}{marks(limit.cited)}"
        + (f' <span class="sw-force">{only}</span>' if only else "")
        + (f"<br>{word('path.setting')}: {coded(limit.setting)}" if limit.setting else ""),
        escape(duration(limit.after)) if limit.after else "–",
        escape(_figure(limit, report)) or "–",
        f'<b class="{"sw-bites" if hit else ""}">{bites}</b>',
    )
    names = [word(f"path.{column}") for column in _COLUMNS[1:]]
    body = "".join(f'<td data-name="{name}">{cell}</td>' for name, cell in zip(names, cells, strict=True))
    place = f'<span class="sw-soft">{escape(limit.place)}</span>'
    return f'<tr><th scope="row">{escape(limit.tier)}<br>{place}</th>{body}</tr>'


def _figure(limit: Limit, report: Report) -> str:
    """The user's own figure, in the words of the answer that gave it; '' where there is nothing to compare."""
    if limit.after is None:
        return ""
    if limit.figure is None:
        return word("path.not_known")
    for qid, chosen in report.raw.items():
        for aid in chosen:
            answer = book().questions[qid].answers.get(aid)
            given = answer.quantities.get(limit.trouble.value) if answer else None
            if answer and given and given.value == limit.figure:
                return answer.text
    return duration(limit.figure)
