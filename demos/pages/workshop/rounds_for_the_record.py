"""Hands rounds of a room over to the decision record, as evidence that so many browsers told."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from demos.lab.state import shared_lab
from demos.protocol.errors import Refusal
from demos.rooms.findings import spread
from demos.rooms.hosting.conductor import Conductor
from demos.rooms.hosting.other_threads import on_the_loop
from demos.rooms.hosting.registry import Rooms
from demos.rooms.hosting.room_evidence import round_evidence
from demos.rooms.people import FEWEST
from demos.rooms.round import Round
from guide.book import book
from guide.model import Evidence

Keep = Callable[[Evidence], None]
"""What the guide does with a measurement: into the session, the address and the record."""


def show(rooms: Rooms, held: Conductor, keep: Keep) -> None:
    """A button for each round with figures of five people or more. Nothing where there is none."""
    words = book().words
    played = [one for one in on_the_loop(rooms, lambda: list(held.room.rounds)) if len(spread(one)) >= FEWEST]
    if not played:
        return
    st.subheader(words["workshop.record"], anchor=False)
    st.write(words["workshop.record.lead"])
    with st.container(horizontal=True, key="room_rounds"):
        for one in played:
            label = f"{one.number}. {words[f'room.round.{one.kind.id}.title']}"
            st.button(
                label, key=f"room_round_{held.room.code}_{one.number}", on_click=_kept, args=(rooms, held, one, keep)
            )
    if st.session_state.get("room_round_kept") == held.room.code:
        st.markdown(f"✓ {words['lab.kept']}", width="content")
        if (record := st.session_state.get("pages", {}).get("record")) is not None:
            st.page_link(record, label=words["lab.kept_go"], icon=":material/description:")


def _kept(rooms: Rooms, held: Conductor, played: Round, keep: Keep) -> None:
    """Callback."""
    simulated = sum(person.simulated for person in held.room.people.values())
    try:
        made = on_the_loop(rooms, lambda: round_evidence(played, simulated))
    except Refusal as refusal:
        st.session_state["room_refused"] = refusal.message
        return
    keep(shared_lab().store.keep(made))
    st.session_state["room_round_kept"] = held.room.code
