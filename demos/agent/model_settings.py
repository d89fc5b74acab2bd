"""Reads the address and key of a real model from the environment.

Nothing is set: the scripted model answers. A URL is set: whatever speaks OpenAI's chat completions there does.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

URL, NAME, KEY = "STREAMWISE_MODEL_URL", "STREAMWISE_MODEL", "STREAMWISE_MODEL_KEY"
SILENCE = "STREAMWISE_MODEL_SILENCE_SECONDS"
EXAMPLE = "http://127.0.0.1:11434/v1"
CLIENT = "langchain_openai"
"""The optional library; `demos.agent.openai_model` is the one module that imports it."""
INSTALL = ".venv/bin/python -m pip install -r requirements/model.txt"


class ModelTrouble(Exception):
    """The model gave no whole answer. The text is one sentence or two for a reader: whose fault, and what to check."""


@dataclass(frozen=True)
class ModelAddress:
    """A model that a server offers. The key is in no text that this makes of itself."""

    url: str
    """The base URL, mostly ending in /v1; `/chat/completions` is added to it."""
    name: str
    """The model's name, as its server knows it."""
    key: str = field(default="", repr=False)
    """Sent as `Authorization: Bearer`; empty where the server asks for none."""
    silence_s: float = 120.0
    """How long the model may say nothing, before the first token and between two of them."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, silence_s: float = 120.0) -> Self | None:
        """The model that the variables name; None for the scripted one.

        Raises:
            ValueError: a variable is missing or not allowed, or the client library is not installed.
        """
        url, name, key = (environment.get(variable, "").strip() for variable in (URL, NAME, KEY))
        if not url:
            if alone := [variable for variable, text in ((NAME, name), (KEY, key)) if text]:
                names = " and ".join(alone)
                raise ValueError(f"{names} have no use without {URL}. Set that too, for example to {EXAMPLE}")
            return None
        _check(url)
        if not name or len(name) > 200 or not name.isprintable():
            raise ValueError(f"{NAME} is {name!r:.60}. Allowed: the name of a model that the server at {url} offers")
        if not (key.isascii() and key.isprintable()) or " " in key or len(key) > 4000:
            raise ValueError(f"{KEY} does not fit into a header. Allowed: ASCII without spaces, up to 4000 characters")
        if importlib.util.find_spec(CLIENT) is None:
            raise ValueError(f"{URL} is set, but the library for it is not installed. Install it: {INSTALL}")
        return cls(url.rstrip("/"), name, key, silence_s)

    def hide(self, text: str) -> str:
        """A text from outside without the key, which a server may well repeat."""
        return text.replace(self.key, "[key]") if self.key else text


def _check(url: str) -> None:
    """Refuse what is no base URL. What might be a password is not repeated."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise ValueError(f"{URL} has a user name or a password in it. Set the key as {KEY} instead")
    plain = url.isascii() and url.isprintable() and " " not in url
    if not plain or parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or "@" in url:
        shown = repr(url.rpartition("@")[2].partition("?")[0])[:100]
        raise ValueError(f"{URL} is {shown}. Allowed: an address with http or https, such as {EXAMPLE}")
    if parts.query or parts.fragment or url.endswith(("?", "#")):
        raise ValueError(f"{URL} has a query or a fragment. Allowed: an address without one, such as {EXAMPLE}")
    if parts.path.rstrip("/").endswith("/completions"):
        raise ValueError(f"{URL} names an endpoint. Allowed: the address before /chat/completions, such as {EXAMPLE}")
