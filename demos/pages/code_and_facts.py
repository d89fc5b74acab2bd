"""Shows the code behind a scenario's results, and the facts that the scenario demonstrates."""

from __future__ import annotations

import streamlit as st

from demos.scenarios import Scenario
from guide.book import book

STARTER = "guide/knowledge/starter/"
"""Below it, files are where a project has them."""


def code(scenario: Scenario) -> None:
    """The real lines of the real files."""
    words = book().words
    with st.expander(words["lab.code_title"], icon=":material/code:"):
        st.caption(words["lab.code_ran"])
        for excerpt in scenario.code:
            number, text = excerpt.read()
            st.markdown(f"`{excerpt.path}`, {words['lab.code_line'].format(n=number)}")
            if excerpt.path.startswith(STARTER):
                st.caption(words["lab.code_starter"].format(path=excerpt.path.removeprefix(STARTER)))
            st.code(text, language=excerpt.language, wrap_lines=True)


def facts(name: str) -> None:
    """What was measured or read before, with sources and dates, to hold this run against."""
    words = book().words
    shown = [fact for fact in book().facts.values() if fact.see == name]
    if not shown:
        return
    with st.expander(words["lab.facts_title"], icon=":material/library_books:"):
        for fact in shown:
            sources = [f"[{one.title}]({one.url})" if one.url.startswith("https") else one.title for one in fact.source]
            checked = words["fact.checked"].format(date=fact.checked.isoformat())
            said = f"{', '.join(sources)}. {words[f'basis.{fact.basis}']}, {checked}."
            st.markdown(f"{fact.claim} **{fact.figure}**  \n:small[{said}]")
