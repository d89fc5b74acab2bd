"""Shows a proxy's configuration files, the same files that are run, with a comment on each line."""

from __future__ import annotations

import streamlit as st

from demos.proxies import catalog as proxies
from guide.book import book
from guide.book.config_template import shown


def show(name: str) -> None:
    """The recommended file first, then the same over TLS, then the bare one, then what all need."""
    words = book().words
    st.write(words["proxies.files_lead"])
    frame = proxies.frame(name)
    named = {config: proxies.text(name, config) for config in ("recommended", proxies.HTTP2, "default")}
    if frame is not None:
        named["frame"] = shown(frame.read_text(encoding="utf-8"))
    for tab, (config, text) in zip(
        st.tabs([words[f"proxies.file.{one}"] for one in named]), named.items(), strict=True
    ):
        with tab:
            st.code(text, language=None, wrap_lines=True)
            file = frame.name if config == "frame" and frame else f"{name}-{config}{_suffix(name, config)}"
            st.download_button(
                words["proxies.download"].format(file=file),
                data=text,
                file_name=file,
                mime="text/plain",
                key=f"file_{name}_{config}",
                on_click="ignore",
                icon=":material/download:",
            )


def _suffix(name: str, config: str) -> str:
    return next(proxies.folder(name).glob(f"{config}.*")).suffix
