"""Section of the library page: widespread claims that are not true as stated."""

from __future__ import annotations

import functools
from html import escape

import streamlit as st

from guide.book import book
from guide.book.link import encode
from guide.pages import state
from guide.pages.frame import coded, html, word
from guide.pages.parts.search_index import index
from guide.report import library
from guide.report.library import Told


@functools.cache
def _told() -> tuple[Told, ...]:
    return library.folklore(book())


def show(words: str) -> None:
    """Every claim in which all the words are found."""
    st.write(word("library.folklore_lead"))
    if not _told():
        st.info(word("library.folklore_none"))
        return
    found = list(_told())
    if words.split():
        told = {each.id: each for each in found}
        found = [told[hit.entry.id] for hit in index().search(words, ("folklore",)) if hit.entry.id in told]
    html('<p class="sw-count" role="status">{n}</p>', n=word("library.count_folklore", n=len(found), of=len(_told())))
    if not found:
        st.write(word("library.none"))
        return
    token = encode(state.answers())
    st.html("".join(_card(told, token) for told in found))


def live(scenario: str, token: str) -> str:
    """A link to the lab, as HTML: in a new tab, so that the page that is left keeps its session."""
    title = book().words.get(f"scenario.{scenario}.title", scenario)
    href = f"lab?s={scenario}" + (f"&a={token}" if token else "")
    label = word("library.live_go", scenario=title)
    return f'<a href="{escape(href)}" target="_blank">{escape(label)}</a>'


def _card(told: Told, token: str) -> str:
    entry = told.folklore
    answers = f"&amp;a={escape(token)}" if token else ""
    facts = "".join(
        f'<li><a href="library?fact={escape(key)}{answers}" target="_blank">{escape(fact.claim)}</a> '
        f'<span class="sw-figure">{escape(fact.figure)}</span></li>'
        for key, fact in told.facts
    )
    parts = [
        (word("library.truth"), coded(entry.truth)),
        (word("library.heard"), coded(entry.heard)),
        (word("library.try_it"), coded(entry.try_it)),
    ]
    if entry.see:
        parts.append((word("library.live"), live(entry.see, token)))
    parts.append((word("library.facts"), f"<ul>{facts}</ul>"))
    lines = "".join(f"<dt>{escape(dt)}</dt><dd>{dd}</dd>" for dt, dd in parts)
    verdict = word(f"library.verdict.{entry.verdict}")
    return (
        f'<article class="sw-told"><h2 class="sw-h">“{escape(entry.said)}” '
        f'<span class="sw-verdict" data-verdict="{entry.verdict}">{escape(verdict)}</span></h2>'
        f'<dl class="sw-fact">{lines}</dl></article>'
    )
