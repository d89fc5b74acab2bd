"""Says where a visitor's answers and questions go, in words that are true for that visitor."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from demos.connections.hosts import is_loopback
from demos.connections.local_address import is_local
from demos.server.backend import shared_backend
from guide.book import book


def told() -> str:
    """The sentences for the visitor of this page."""
    model = shared_backend().model
    keys = keys_of(st.context.ip_address, st.context.url, None if model is None else model.url)
    return " ".join(book().words[key] for key in keys)


def keys_of(address: str | None, url: str | None, model: str | None) -> list[str]:
    """Which sentences are true.

    Args:
        address: the visitor's, as the server sees it. Behind a proxy on the server's machine it is the proxy's.
        url: the page's, as the visitor's browser sees it: such a proxy has another name.
        model: where the agent's answers come from; None for the script.
    """
    here = is_local(address) and (not url or is_loopback(urlsplit(url).netloc))
    beyond = model is not None and not is_loopback(urlsplit(model).netloc)
    first = "start.private_apart" if not here else "start.private_but" if beyond else "start.private_here"
    return [first, "start.private_model"] if beyond else [first]
