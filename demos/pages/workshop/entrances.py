"""The ways into a room from its own page: the code for phones, the links, the lead on another device, and the end."""

from __future__ import annotations

from base64 import b64encode
from html import escape

import streamlit as st

from demos.protocol.errors import Refusal
from demos.rooms import qr
from demos.rooms.hosting.conductor import Conductor
from demos.rooms.hosting.other_threads import on_the_loop
from demos.rooms.hosting.registry import Rooms
from guide.book import book


def code(address: str, held: Conductor) -> None:
    """The code that phones scan: large while people come, small once the room has begun."""
    words, of = book().words, held.room.code
    waits = held.room.phase == "lobby"
    st.subheader(words["workshop.scan" if waits else "workshop.scan.later"], anchor=False)
    label = escape(words["workshop.qr"].format(address=address), quote=True)
    spelled = escape(words["workshop.code"].format(code=" ".join(of)))
    st.html(
        f'<figure class="sw-qr{"" if waits else " sw-small"}"><img src="{_drawn(address)}" alt="{label}">'
        f'<figcaption><code>{escape(address)}</code><span aria-hidden="true">{escape(of)}</span>'
        f'<small class="sw-heard">{spelled}</small></figcaption></figure>'
    )


def links(held: Conductor, base: str) -> None:
    """The room's three pages, as this browser reaches them. `base`: address of the phones' page."""
    words = book().words
    with st.container(horizontal=True, key="room_links"):
        st.link_button(words["workshop.link.lead"], lead(held, base), icon=":material/tune:", type="primary")
        st.link_button(words["workshop.link.wall"], f"{base}/wall#{held.keys.view}", icon=":material/present_to_all:")
        st.link_button(words["workshop.link.phone"], base, icon=":material/smartphone:")
    st.caption(words["workshop.link.help"])


def lead(held: Conductor, base: str) -> str:
    """Address of the lead's page, with its secret and with the key of the wall that it links to."""
    return f"{base}/lead#{held.keys.secret}.{held.keys.view}"


def elsewhere(held: Conductor, base: str) -> None:
    """The lead's page for another device. Folded, as whoever sees it can lead the room."""
    words, address = book().words, lead(held, base)
    with st.expander(words["workshop.elsewhere"], icon=":material/phonelink:"):
        st.write(words["workshop.elsewhere.help"])
        label = escape(words["workshop.elsewhere.qr"], quote=True)
        st.html(f'<figure class="sw-qr sw-lead"><img src="{_drawn(address)}" alt="{label}"></figure>')
        st.code(address, language=None, wrap_lines=True)


def end(rooms: Rooms, held: Conductor) -> None:
    """Ends the room, after a second press."""
    words = book().words
    with st.popover(words["workshop.end"], icon=":material/stop_circle:"):
        st.write(words["workshop.end.sure"])
        st.button(
            words["workshop.end"], type="primary", on_click=_ended, args=(rooms, held), key=f"room_end_{held.room.code}"
        )


def _ended(rooms: Rooms, held: Conductor) -> None:
    """Callback. Somebody else may have ended it meanwhile."""

    def ended() -> None:
        if not held.room.is_over:
            held.do("end", {})

    try:
        on_the_loop(rooms, ended)
    except Refusal as refusal:
        st.session_state["room_refused"] = refusal.message


def _drawn(address: str) -> str:
    return f"data:image/svg+xml;base64,{b64encode(qr.svg_file(address)).decode()}"
