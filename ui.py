"""The page script: which pages there are. Runs again for every click; all else is in guide/pages and demos/pages."""

import streamlit as st

from demos import evidence
from demos.lab.state import shared_lab
from demos.pages import lab, proxies
from guide.book import book
from guide.decision.engine import decide
from guide.decision.lab_scenario import pointed, shown
from guide.decision.proxy_configs import named
from guide.pages import ask, compare, frame, library, record, state, verdict


def lab_page() -> None:
    """The lab, with the answers kept in its address as well."""
    verdict = decide(book(), state.answers())
    state.sync("lab", lab.address(pointed(book(), verdict)))
    told = shown(book(), decide(book(), state.answers()))  # a link's answers are only known now
    lab.page(lab.Told(told.numbers, told.limit_by, told.reader), state.keep)


def proxies_page() -> None:
    """Real proxies, with the answers and what was tried kept in the address as well."""
    state.sync("proxies", proxies.given())  # the answers first: they say which proxy stands in the path
    state.sync("proxies", proxies.address(named(book(), decide(book(), state.answers()).live)))
    proxies.page(state.keep)


frame.start()
# The guide knows no store of the demos: it is handed what the address names.
st.session_state["evidence_known"] = evidence.known(st.query_params.get("e", ""), shared_lab().store)
pages = {
    "ask": st.Page(ask.page, title=frame.word("nav.ask"), icon=":material/checklist:", url_path="ask", default=True),
    "verdict": st.Page(verdict.page, title=frame.word("nav.verdict"), icon=":material/balance:", url_path="verdict"),
    "lab": st.Page(lab_page, title=frame.word("nav.lab"), icon=":material/play_circle:", url_path="lab"),
    "proxies": st.Page(proxies_page, title=frame.word("nav.proxies"), icon=":material/lan:", url_path="proxies"),
    "record": st.Page(record.page, title=frame.word("nav.record"), icon=":material/description:", url_path="record"),
    "library": st.Page(
        library.page, title=frame.word("nav.library"), icon=":material/library_books:", url_path="library"
    ),
    # Reached from the recommendation: without one there is nothing to compare.
    "compare": st.Page(compare.page, title=frame.word("compare.title"), url_path="compare", visibility="hidden"),
}
st.session_state["pages"] = pages
chosen = st.navigation(list(pages.values()), position="top")
frame.titled(chosen.title)
frame.dress()
chosen.run()
