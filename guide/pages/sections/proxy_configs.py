"""Section of the recommendation page: tested configuration files for the proxies in the path, to read and download."""

from __future__ import annotations

import streamlit as st

from guide.decision.proxy_configs import ReportConfig
from guide.pages import state
from guide.pages.frame import download, word
from guide.report.report import Report


def show(report: Report) -> None:
    """A fold for each proxy; nothing where none of them can be run."""
    if not report.configs:
        return
    st.subheader(word("proxies.configs"), anchor=False)
    for config in report.configs:
        with st.expander(word("proxies.config_of", title=config.title), icon=":material/description:"):
            st.write(config.ran)
            files(config.id, config.files)
            _prove(config)


def files(id: str, named: tuple[tuple[str, str], ...]) -> None:
    """Each file with its name, a button to copy it and one to download it."""
    for name, text in named:
        st.code(text, language=None, wrap_lines=True)
        download(name, text, f"{id}-{name}", f"config_{id}_{name}")


def _prove(config: ReportConfig) -> None:
    """To where it can be run, while there is such a page."""
    page = st.session_state.get("pages", {}).get("proxies")
    if page is not None and st.button(word("proxies.prove", title=config.title), key=f"prove_{config.id}"):
        st.switch_page(page, query_params={**state.query(), "p": config.id})
