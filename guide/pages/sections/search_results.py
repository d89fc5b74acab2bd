"""Section of the library page: what a search found, of whatever kind, and the symptoms where nothing is searched."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

from guide.book import book
from guide.book.link import encode
from guide.model import Cause, Fact, Symptom
from guide.pages import state
from guide.pages.frame import coded, html, outward, word
from guide.pages.parts.search_index import index
from guide.pages.sections.folklore import live
from guide.search.entries import Entry

MOST = 30
"""Entries that are shown. Who needs more needs better words."""


def show(words: str) -> None:
    """What was found, the best first; without words every symptom, under the heading of its file."""
    if not words.split():
        st.write(word("library.symptoms_lead"))
        for file, keys in _files().items():
            st.header(word(f"library.symptoms.{file}"), anchor=False)
            st.html(_list(_symptom(key, book().symptoms[key]) for key in keys))
        return
    found = index().search(words)
    html('<p class="sw-count" role="status">{n}</p>', n=_count(len(found)))
    if not found:
        st.write(word("library.none"))
    else:
        st.html(_list(_item(hit.entry) for hit in found[:MOST]))


def alone(key: str) -> None:
    """One symptom by itself, as its link shows it."""
    symptom = book().symptoms[key]
    with st.container(key="library_alone"):
        st.header(symptom.seen, anchor=False)
        st.html(_causes(symptom))


def _count(n: int) -> str:
    return word("library.count_found_most", n=n, most=MOST) if n > MOST else word("library.count_found", n=n)


def _files() -> dict[str, list[str]]:
    """File of symptoms -> its symptoms."""
    prefix = "library.symptoms."
    out: dict[str, list[str]] = {key.removeprefix(prefix): [] for key in book().words if key.startswith(prefix)}
    for key in book().symptoms:
        file = book().files[f"symptoms/{key}"].removeprefix("symptoms/").removesuffix(".yaml")
        out.setdefault(file, []).append(key)
    return out


def _list(items: Iterable[str]) -> str:
    return f'<ul class="sw-facts">{"".join(items)}</ul>'


def _item(entry: Entry) -> str:
    if entry.kind == "symptom":
        return _symptom(entry.id, book().symptoms[entry.id])
    return _folded(entry.kind, entry.title, _BODIES[entry.kind](entry))


def _symptom(key: str, symptom: Symptom) -> str:
    address = escape(f"library?symptom={key}&a={encode(state.answers())}")
    link = f'<p class="sw-soft"><a href="{address}" target="_blank">{word("library.link_symptom")}</a></p>'
    return _folded("symptom", symptom.seen, link + _causes(symptom))


def _folded(kind: str, title: str, body: str) -> str:
    return (
        f'<li data-kind="{kind}"><details><summary><span class="sw-fact-figure">{word(f"library.kind.{kind}")}</span>'
        f'<span class="sw-fact-claim">{coded(title)}</span></summary>{body}</details></li>'
    )


def _causes(symptom: Symptom) -> str:
    causes = "".join(f"<li>{_cause(cause)}</li>" for cause in symptom.causes)
    texts = "".join(f"<li><code>{escape(text)}</code></li>" for text in symptom.texts)
    parts = [(word("library.causes"), f'<ol class="sw-causes">{causes}</ol>')]
    parts += [(word("library.texts"), f"<ul>{texts}</ul>")] if texts else []
    if symptom.see:
        parts.append((word("library.live"), live(symptom.see, encode(state.answers()))))
    parts.append((word("library.reports"), " · ".join(outward(each.title, each.url) for each in symptom.reports)))
    return _terms(parts)


def _cause(cause: Cause) -> str:
    parts = [(word("library.tell"), coded(cause.tell)), (word("library.cure"), coded(cause.cure))]
    parts += [(word("library.setting"), coded(cause.setting))] if cause.setting else []
    parts.append((word("library.facts"), _facts(cause.facts)))
    return f"<p>{coded(cause.why)}</p>{_terms(parts)}"


def _terms(parts: Iterable[tuple[str, str]]) -> str:
    return '<dl class="sw-fact">' + "".join(f"<dt>{escape(dt)}</dt><dd>{dd}</dd>" for dt, dd in parts) + "</dl>"


def _facts(keys: Iterable[str]) -> str:
    """The facts behind something, each with a link to it."""
    facts = ((key, book().facts[key]) for key in keys)
    return "<ul>" + "".join(f"<li>{_fact_link(key, fact)}</li>" for key, fact in facts) + "</ul>"


def _fact_link(key: str, fact: Fact) -> str:
    address = escape(f"library?fact={key}&a={encode(state.answers())}")
    return (
        f'<a href="{address}" target="_blank">{escape(fact.claim)}</a> '
        f'<span class="sw-figure">{escape(fact.figure)}</span>'
    )


def _fact(entry: Entry) -> str:
    fact = book().facts[entry.id]
    return _terms(
        [
            (word("library.figure"), escape(fact.figure)),
            (word("library.scope"), coded(fact.scope)),
            (word("library.facts"), _facts([entry.id])),
        ]
    )


def _lore(entry: Entry) -> str:
    lore = book().folklore[entry.id]
    parts = [(word("library.truth"), coded(lore.truth)), (word("library.try_it"), coded(lore.try_it))]
    return _terms([*parts, (word("library.facts"), _facts(lore.facts))])


def _need(entry: Entry) -> str:
    need = book().needs[entry.id]
    parts = [(word("library.cure"), coded(entry.summary)), (word("library.confirm"), coded(need.confirm))]
    return _terms([*parts, (word("library.facts"), _facts(need.facts))])


def _tier(entry: Entry) -> str:
    """What stands in the path, or one setting of it: what it does to streams, and what to set."""
    key, _, n = entry.id.partition(".")
    question = next(q for q in book().questions.values() if q.places and key in q.answers)
    answer = question.answers[key]
    place = question.places[answer.place or ""].title
    limits = answer.limits if entry.kind == "path" else (answer.limits[int(n)],)
    told = [(word("library.place"), escape(f"{place}. {answer.hint or ''}"))]
    for limit in limits:
        told.append((word("library.limit"), coded(limit.sentence)))
        told += [(word("library.setting"), coded(limit.setting))] if limit.setting else []
    facts = dict.fromkeys(fact for limit in limits for fact in limit.facts)
    return _terms([*told, *([(word("library.facts"), _facts(facts))] if facts else [])])


_BODIES = {"fact": _fact, "folklore": _lore, "need": _need, "path": _tier, "setting": _tier}
"""How an entry of each kind is told when it is opened."""
