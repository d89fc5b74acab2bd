"""Moving picture of a dropped connection: one of the two comes back by itself. It plays once, then rests at its end."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from guide.pages.frame import word

CUT_AFTER = 4
"""Words that arrive before the connection drops."""
_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "streamwise_drop_picture",
    html='<figure><div class="lanes" role="img"></div><figcaption><button></button></figcaption></figure>',
    css=(_HERE / "drop_picture.css").read_text(encoding="utf-8"),
    js=(_HERE / "drop_picture.js").read_text(encoding="utf-8"),
)


def show() -> None:
    """The picture, with its text alternative."""
    tokens = word("picture.answer").split()
    picture = {
        "alternative": word("picture.alternative"),
        "replay": word("picture.replay"),
        "server": word("picture.server"),
        "client": word("picture.client"),
        "tokens": tokens,
        "cutAfter": CUT_AFTER,
        "lanes": [
            {"name": word("picture.sse"), "end": word("picture.sse_end"), "back": True},
            {"name": word("picture.websocket"), "end": word("picture.websocket_end"), "back": False},
        ],
    }
    result = _component(key="drop_picture", data=(picture,))
    del result
