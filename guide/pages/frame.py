"""Shared parts of all pages: the texts, the style sheet, escaped HTML."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from html import escape
from pathlib import Path

import streamlit as st

from guide.book import book
from guide.book.link import encode
from guide.model import Fact
from guide.pages import state
from guide.report import path
from guide.report.report import Cited

_MARKUP = re.compile(f"[{re.escape(string.punctuation)}]")
_ADDRESS, _JOINER = re.compile(r"(?<=:)(?=//)|(?<=\bwww)(?=\.)|(?<=@)", re.IGNORECASE), "\u2060"
_STYLE = (Path(__file__).parent / "frame.css").read_text(encoding="utf-8")


def word(key: str, **values: object) -> str:
    """A text of the screen, by its id in words/."""
    text = book().words[key]
    return text.format(**values) if values else text


def start() -> None:
    """Page settings; must be the first call of a run."""
    st.set_page_config(page_title=word("app.title"), page_icon="🌊", layout="wide", initial_sidebar_state="collapsed")


def titled(*parts: str) -> None:
    """The document's title, which a screen reader says first: where one is, then the app."""
    st.set_page_config(page_title=" · ".join((*parts, word("app.title"))))


def dress() -> None:
    """The style sheet and the name in the corner."""
    st.html(f"<style>{_STYLE}</style>")
    st.logo("static/logo.svg", size="large", link=None)


def html(template: str, /, **values: object) -> None:
    """A piece of HTML; every value is escaped, so only the literal text can hold markup."""
    st.html(template.format(**{key: escape(str(value)) for key, value in values.items()}))


def marks(cited: Iterable[Cited]) -> str:
    """Citation numbers that lead to the sources at the end of the page, as HTML."""
    links = "".join(
        f'<a class="sw-cite" href="#source-{c.number}" title="{escape(c.fact.claim)}" target="_self" '
        f'aria-label="{word("fact.number", n=c.number)}">{c.number}</a>'
        for c in sorted(cited, key=lambda c: c.number)
    )
    return f'<span class="sw-cites">{links}</span>'


def source(cited: Cited, note: str = "") -> str:
    """One entry of the list of sources, as HTML; `note` is said after the date."""
    fact = cited.fact
    measured = f"<p><b>{word('fact.measured')}:</b> {coded(fact.measured)}</p>" if fact.measured else ""
    return (
        f'<li id="source-{cited.number}" value="{cited.number}"><details><summary>{escape(fact.claim)} '
        f'<span class="sw-figure">{escape(fact.figure)}</span></summary>{measured}'
        f"<p><b>{word('fact.scope_label')}:</b> {coded(fact.scope)}</p></details>"
        f'<p class="sw-soft">{links(fact)} · {basis(fact)}{escape(note and f" · {note}")}{library_link(cited)}</p></li>'
    )


def library_link(cited: Cited) -> str:
    """Where the library tells more of a fact, as HTML; '' while there is no such page."""
    if "library" not in st.session_state.get("pages", {}):
        return ""
    told = word("fact.library")
    named = escape(f"{told}: {cited.fact.claim}")
    address = f"library?fact={cited.id}&amp;a={encode(state.answers())}"
    return f' · <a class="sw-within" href="{address}" target="_self" aria-label="{named}">{told}</a>'


def fold(anchor: str, title: str, body: str, note: str = "") -> str:
    """A part that opens on demand, as HTML. A link to anything inside opens it: the browser sees to that."""
    note = f' <span class="sw-soft">{escape(note)}</span>' if note else ""
    return (
        f'<details class="sw-fold"><summary><h2>{escape(title)}</h2>{note}</summary>'
        f'<div id="{anchor}">{body}</div></details>'
    )


def download(label: str, text: str, file_name: str, key: str, about: str | None = None) -> None:
    """A button that hands out a file of text. `about`: what is said of it on hovering."""
    st.download_button(
        label,
        data=text,
        file_name=file_name,
        mime="text/plain",
        key=key,
        on_click="ignore",
        icon=":material/download:",
        help=about,
    )


def duration(seconds: float) -> str:
    """A limit as people say it."""
    return path.duration(book().words, seconds)


def coded(text: str) -> str:
    """What to type stands between backticks and is set off as code; the rest is prose. As HTML."""
    parts = enumerate(text.split("`"))
    return "".join(f"<code>{escape(part)}</code>" if n % 2 else escape(part) for n, part in parts)


def basis(fact: Fact) -> str:
    """How we know it, and since when."""
    return f"{word('basis.' + fact.basis)}, {word('fact.checked', date=fact.checked.isoformat())}"


def links(fact: Fact) -> str:
    """Where a fact can be read, as HTML."""
    return " · ".join(outward(s.title, s.url) for s in fact.source)


def outward(title: str, url: str) -> str:
    """A link to somebody else's page, as HTML; what is not https is told, not linked."""
    if url.startswith("https://"):
        return f'<a href="{escape(url, quote=True)}" target="_blank" rel="noopener noreferrer">{escape(title)}</a>'
    return f"{escape(title)} (<code>{escape(url)}</code>)"


def unmarked(text: str) -> str:
    """Somebody's text on one line, in which nothing is Markdown: no link, no picture, no heading.

    Addresses become links by themselves, whatever is escaped in them, so each gets a character that has no width.
    """
    return _MARKUP.sub(r"\\\g<0>", _ADDRESS.sub(_JOINER, " ".join(text.split())))


def link_problems(*more: str) -> None:
    """Names what a link held that these rules do not know; nothing where there was no such thing.

    `more`: what a page found in parameters of its own.
    """
    if older := st.session_state.get("link_older"):
        made, moved = older
        said = word("link.older", made=unmarked(made) or word("link.older_unknown"), today=book().version)
        lines = "".join(f"\n- `{m.replace('`', '')}`" for m in moved)
        st.info(said + (f" {word('link.moved')}\n{lines}" if moved else ""))
    answers = st.session_state.get("link_problems", ())
    if found := (*answers, *more):
        rest = f" {word('link.kept' if st.session_state.get('answers') else 'link.nothing_kept')}" if answers else ""
        st.warning(f"{word('link.problems')}{rest}\n\n" + "\n".join(f"- `{p.replace('`', '')}`" for p in found[:8]))


def empty(title: str, lead: str, go: str, label: str) -> None:
    """The state of a page that has nothing to show yet: says why and leads on."""
    with st.container(key="empty"):
        st.title(title, anchor=False)
        st.write(lead)
        if st.button(label, type="primary", key="empty_go"):
            st.switch_page(st.session_state["pages"][go])
