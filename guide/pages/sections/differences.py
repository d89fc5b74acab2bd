"""Section of the comparison page: what differs between two sets of answers, what stays the same, and the sources."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from guide.pages.frame import marks, source, word
from guide.pages.sections.what_to_build import need_item
from guide.pages.verdict import reason_item
from guide.report.compare import ComparedAnswer, ComparedSource, Comparison
from guide.report.report import ReportNeed


def show(found: Comparison) -> None:
    """The whole section; where nothing differs, only what both sides share."""
    if not found.same:
        st.header(word("compare.differs"), anchor=False)
        _part("answers", [_answer(answer) for answer in found.answers if answer.differs])
        _part("pattern", [_pattern(found)] if found.redrawn else [])
        _part("appeared", [reason_item(reason) for reason in found.appeared])
        _part("vanished", [reason_item(reason) for reason in found.vanished])
        _part("needed", [need_item(need) for need in found.needed])
        _part("not_needed", [need_item(need) for need in found.not_needed])
        _part("reworded", [_figures(*pair) for pair in found.reworded])
    _stays(found)
    if found.sources:
        st.header(word("compare.sources"), anchor=False)
        st.caption(word("compare.sources_lead"))
        st.html(f'<ol class="sw-sources">{"".join(map(_source, found.sources))}</ol>')


def said(texts: tuple[str, ...] | None) -> str:
    """An answer in words, also where there is none."""
    if texts is None:
        return word("compare.not_asked")
    return "; ".join(texts) or word("compare.not_answered")


def _part(name: str, items: Sequence[str]) -> None:
    """One kind of difference; nothing where there is none."""
    if items:
        st.subheader(word(f"compare.part.{name}"), anchor=False)
        st.html(f'<ul class="sw-list">{"".join(items)}</ul>')


def _answer(answer: ComparedAnswer) -> str:
    title, a, b = (escape(text) for text in (answer.title, said(answer.a), said(answer.b)))
    return f"<li><b>{title}.</b> {word('compare.change_of', a=a, b=b)}</li>"


def _pattern(found: Comparison) -> str:
    a, b = (
        escape(report.pattern_name) + marks(cited)
        for report, cited in zip((found.a, found.b), found.drawn, strict=True)
    )
    return f"<li>{word('compare.change_of', a=a, b=b)}</li>"


def _figures(a: ReportNeed, b: ReportNeed) -> str:
    both = word("compare.figures", a=escape(a.what), b=escape(b.what))
    return f"<li><b>{escape(b.title)}.</b> {both}{marks(b.cited)}</li>"


def _stays(found: Comparison) -> None:
    """What both sides share, folded; it is cited on the recommendation's own page."""
    answers = [f"<b>{escape(a.title)}.</b> {escape(said(a.b))}" for a in found.answers if not a.differs]
    reasons = [f"<b>{escape(_capital(r.said))}.</b> {escape(_capital(r.because))}." for r in found.kept]
    needs = [f"<b>{escape(n.title)}.</b> {escape(n.what)}" for n in found.still_needed]
    pattern = [] if found.redrawn else [escape(found.b.pattern_name)]
    parts = (("answers", answers), ("pattern", pattern), ("reasons", reasons), ("needs", needs))
    st.header(word("compare.equal"), anchor=False)
    for name, items in parts:
        if items:
            title = escape(word(f"compare.equal_{name}", n=len(items)))
            lines = "".join(f"<li>{item}</li>" for item in items)
            st.html(f'<details class="sw-stays"><summary>{title}</summary><ul class="sw-list">{lines}</ul></details>')


def _source(found: ComparedSource) -> str:
    return source(found.cited, "" if found.side == "both" else word(f"compare.only.{found.side}"))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
