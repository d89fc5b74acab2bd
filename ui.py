"""The page script: which pages there are. Runs again for every click; all else is in guide/pages and demos/pages."""

from collections.abc import Callable

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from demos import evidence
from demos.lab.state import shared_lab
from demos.pages import lab, privacy, proxies
from demos.pages.workshop import workshop_page
from guide.book import book
from guide.decision.engine import decide
from guide.decision.lab_scenario import pointed, shown
from guide.decision.proxy_configs import hosted, named
from guide.pages import ask, compare, frame, library, probe, record, state, verdict
from guide.pages.parts import arrival
from guide.pages.shell.places import HIDDEN, PLACES, START
from guide.report.next_steps import PROBE


def lab_page() -> None:
    """The lab, with the answers kept in its address as well."""
    verdict = decide(book(), state.answers())
    state.sync("lab", lab.address(pointed(book(), verdict)))
    frame.link_problems(*lab.problems())
    told = shown(book(), decide(book(), state.answers()))  # a link's answers are only known now
    lab.page(lab.Told(told.numbers, told.limit_by, told.reader), state.keep)


def proxies_page() -> None:
    """Real proxies, with the answers and what was tried kept in the address as well."""
    state.sync("proxies", proxies.given())  # the answers first: they say which proxy stands in the path
    live = decide(book(), state.answers()).live
    state.sync("proxies", proxies.address(named(book(), live)))
    proxies.page(state.keep, proxies.Elsewhere(hosted(book(), live), PROBE))


def rooms_page() -> None:
    """Workshops, with the answers kept in the address as well."""
    state.sync("workshop")
    workshop_page.page(state.keep, state.answers())


def placed(name: str, page: Callable[[], None], icon: str) -> StreamlitPage:
    """A page at its address, which the server knows too."""
    return st.Page(
        page,
        title=frame.word(PLACES[name]),
        icon=f":material/{icon}:",
        url_path=name,
        default=name == START,
        visibility="hidden" if name == HIDDEN else "visible",
    )


frame.start()
# The guide knows no store of the demos: it is handed what the address names.
found, read = evidence.known(st.query_params.get("e", ""), shared_lab().store)
st.session_state["evidence_known"], st.session_state["evidence_unread"] = found, not read
st.session_state["private"] = privacy.told()
pages = {
    "ask": placed("ask", ask.page, "checklist"),
    "verdict": placed("verdict", verdict.page, "balance"),
    "lab": placed("lab", lab_page, "play_circle"),
    "proxies": placed("proxies", proxies_page, "lan"),
    "probe": placed("probe", probe.page, "troubleshoot"),
    "workshop": placed("workshop", rooms_page, "groups"),
    "record": placed("record", record.page, "description"),
    "library": placed("library", library.page, "library_books"),
    "compare": placed("compare", compare.page, "compare"),
}
st.session_state["pages"] = pages
chosen = st.navigation(list(pages.values()), position="top")
frame.titled(chosen.title)
frame.dress()
chosen.run()
arrival.show(chosen.url_path, state.step())
