"""Library page: one search over everything that the guide knows, and lists of facts, folklore and decisions.

    q=words   show=facts   fact=ID (that fact alone)   symptom=ID
    of facts: basis=measured   topic=path   mine=1        of decisions: result=wrong   family=OPTION

The address is the only memory: a filter writes it, and every run of the page reads it. So back, reload and a link that
was passed on all show the same.
"""

from __future__ import annotations

import functools
from html import escape
from typing import Any, get_args

import streamlit as st

from guide.book import book
from guide.book.link import encode
from guide.decision.score import RESULTS
from guide.model import Fact
from guide.pages import state
from guide.pages.frame import basis, coded, html, link_problems, links, unmarked, word
from guide.pages.parts.search_index import index
from guide.pages.sections import folklore, search_results
from guide.pages.sections import published as decisions
from guide.report import library, report
from guide.report.library import Entry

FIELDS = ("q", "basis", "topic", "mine", "result", "family", "show", "fact", "symptom")
BASES: tuple[str, ...] = get_args(Fact.model_fields["basis"].annotation)
SHOWS = ("all", "facts", "folklore", "decisions")
OF_FACTS = ("basis", "topic", "mine")
FILTERS = {"all": ("q",), "facts": ("q", *OF_FACTS), "folklore": ("q",), "decisions": ("q", "result", "family")}
"""What can be cleared at once."""
LONGEST = 200
"""Characters of a search; more is cut off, so that an address stays one."""


@functools.cache
def _shelf() -> tuple[Entry, ...]:
    return library.shelf(book())


def page() -> None:
    given = {field: value for field in FIELDS if (value := st.query_params.get(field, ""))}
    state.sync("library", given)
    asked, problems = _read(given)
    link_problems(*problems)
    st.title(word("library.title"), anchor=False)
    st.write(word("library.lead"))
    entry = next((e for e in _shelf() if e.id == given.get("fact")), None)
    with st.container(key="library"):
        if entry:
            _alone(entry)
            return
        if given.get("symptom") in book().symptoms:
            _back()
            search_results.alone(given["symptom"])
            return
        for field in ("fact", "symptom"):
            if given.get(field):
                st.warning(word(f"library.unknown_{field}", id=unmarked(given[field][:60])))
        _controls(asked)
        _clear(asked)
        if asked["show"] == "folklore":
            folklore.show(asked["q"])
        elif asked["show"] == "decisions":
            decisions.show(asked["q"], asked["result"], asked["family"])
        elif asked["show"] == "facts":
            _facts(asked)
        else:
            search_results.show(asked["q"])


def _read(given: dict[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """(what the address asks for, what in it is not known): unknown filters are named and left aside."""
    allowed = {"basis": BASES, "topic": tuple(library.topics(_shelf())), "mine": ("1",), "show": SHOWS}
    allowed |= {"result": RESULTS, "family": tuple(book().options)}
    wrong = [f for f, values in allowed.items() if given.get(f, values[0] if values else "") not in values]
    asked = {field: "" if field in wrong else given.get(field, "") for field in FIELDS}
    if not asked["show"]:  # as in links from before there was one search for everything
        asked["show"] = "facts" if any(asked[field] for field in OF_FACTS) else SHOWS[0]
    return {**asked, "q": asked["q"][:LONGEST]}, tuple(f"{f} {given[f][:40]!r}" for f in wrong)


def _controls(asked: dict[str, str]) -> None:
    show = asked["show"]
    _seed({**asked, "mine": asked["mine"] == "1"})
    st.segmented_control(
        word("library.show"),
        SHOWS,
        key="library_show",
        format_func=lambda name: word(f"library.show.{name}"),
        required=True,
        label_visibility="collapsed",
        on_change=_asked,
    )
    if show == "decisions":
        decisions.lead()
    with st.container(key="library_search"):
        st.text_input(
            word("library.search"),
            key="library_q",
            type="search",
            placeholder=word("library.search_hint"),
            max_chars=LONGEST,
            icon=":material/search:",
            on_change=_asked,
        )
        if show == "facts":
            counts = library.topics(_shelf())
            topics = {t: word("library.topic_n", topic=topic(t), n=n) for t, n in counts.items()}
            _select("basis", {"": word("library.basis.any"), **{b: word(f"basis.{b}") for b in BASES}})
            _select("topic", {"": word("library.topic.any"), **topics})
        elif show == "decisions":
            families = {key: option.short for key, option in book().options.items()}
            _select("result", {"": word("library.result.any"), **{r: word(f"library.result.{r}") for r in RESULTS}})
            _select("family", {"": word("library.family.any"), **families})
    if show == "facts":
        st.toggle(word("library.mine"), key="library_mine", on_change=_asked)


def _select(field: str, texts: dict[str, str]) -> None:
    """A filter; `texts`: what may stand in the address, and how it reads."""
    label = word(f"library.{field}")
    st.selectbox(label, list(texts), key=f"library_{field}", format_func=lambda v: texts[v], on_change=_asked)


def _seed(values: dict[str, Any]) -> None:
    """Widgets are views of the address. One that agrees is left alone: setting it would undo what is being typed."""
    for field, value in values.items():
        if st.session_state.get(f"library_{field}") != value:
            st.session_state[f"library_{field}"] = value


def _asked() -> None:
    """Callback: what the widgets say now goes into the address; what is not on screen stays as it was."""
    params = dict(st.query_params)
    for field in FIELDS:
        if f"library_{field}" in st.session_state:
            value = st.session_state[f"library_{field}"]
            params[field] = "1" if value is True else "" if value in (False, SHOWS[0], None) else str(value).strip()
    params["fact"] = params["symptom"] = ""
    st.query_params.from_dict({key: value for key, value in params.items() if value})


def _without(*fields: str) -> None:
    """Callback: the address without some of what it asks for."""
    st.query_params.from_dict({key: value for key, value in st.query_params.items() if key not in fields})


def _facts(asked: dict[str, str]) -> None:
    only = None
    if asked["mine"]:
        only = {cited.id for cited in report.build(book(), state.answers()).sources} if state.answers() else set()
    found = library.chosen(_shelf(), asked["basis"], asked["topic"], only)
    if asked["q"]:
        left = {entry.id: entry for entry in found}
        hits = index().search(asked["q"], ("fact",))
        found = [left[hit.entry.id] for hit in hits if hit.entry.id in left]
    html('<p class="sw-count" role="status">{n}</p>', n=word("library.count", n=len(found), of=len(_shelf())))
    if not found:
        st.write(word("library.none_mine" if asked["mine"] and not state.answers() else "library.none"))
    if asked["q"] and found:  # the best match first, whatever it is about
        st.html(_list(found))
        return
    for name, n in library.topics(found).items():
        st.header(word("library.topic_n", topic=topic(name), n=n), anchor=False)
        st.html(_list([entry for entry in found if entry.topic == name]))


def _clear(asked: dict[str, str]) -> None:
    fields = FILTERS[asked["show"]]
    if any(asked[field] for field in fields):
        st.button(word("library.clear"), key="library_clear", on_click=_without, args=fields)


def _back() -> None:
    label, fields = word("library.all"), ("fact", "symptom")
    st.button(label, key="library_all", icon=":material/arrow_back:", on_click=_without, args=fields)


def _alone(entry: Entry) -> None:
    _back()
    with st.container(key="library_alone"):
        st.header(entry.fact.claim, anchor=False)
        html('<p class="sw-fact-figure">{figure}</p>', figure=entry.fact.figure)
        html('<p class="sw-soft">{basis}</p>', basis=basis(entry.fact))
        st.html(_body(entry, encode(state.answers())))


def topic(name: str) -> str:
    """What a topic is called; a file of facts that has no word yet goes by its name."""
    return book().words.get(f"library.topic.{name}", name.replace("-", " ").capitalize())


def _list(entries: list[Entry]) -> str:
    token = encode(state.answers())
    return f'<ul class="sw-facts">{"".join(_item(entry, token) for entry in entries)}</ul>'


def _item(entry: Entry, token: str) -> str:
    fact = entry.fact
    # A new tab: the page that is left keeps its session, with a lab run or a half-written record in it.
    alone = f"?fact={entry.id}" + (f"&a={token}" if token else "")
    return (
        f'<li><details><summary><span class="sw-fact-figure">{escape(fact.figure)}</span>'
        f'<span class="sw-fact-claim">{escape(fact.claim)}</span></summary>'
        f'<p class="sw-soft">{escape(basis(fact))} · <a href="{escape(alone)}" target="_blank">'
        f"{word('library.link_go')}</a></p>{_body(entry, token)}</details></li>"
    )


def _body(entry: Entry, token: str) -> str:
    fact = entry.fact
    parts = [(word("fact.measured"), coded(fact.measured))] if fact.measured else []
    parts += [(word("library.scope"), coded(fact.scope)), (word("library.sources"), links(fact))]
    uses = "".join(f"<li>{escape(_use(use))}</li>" for use in entry.uses)
    parts.append((word("library.uses"), f"<ul>{uses}</ul>"))
    if fact.see:
        parts.append((word("library.live"), folklore.live(fact.see, token)))
    return '<dl class="sw-fact">' + "".join(f"<dt>{escape(dt)}</dt><dd>{dd}</dd>" for dt, dd in parts) + "</dl>"


def _use(use: library.Use) -> str:
    force = word(f"force.{use.force}") if use.force else ""
    return word(f"library.use.{use.kind}", name=use.name, detail=use.detail, force=force, option=use.option)
