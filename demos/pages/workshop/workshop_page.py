"""Page from which a workshop's room is opened and checked. The room itself has plain pages, without Streamlit."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from demos.connections.local_address import is_local
from demos.pages.workshop import entrances, preflight, rehearsal, rounds_for_the_record
from demos.pages.workshop.rounds_for_the_record import Keep
from demos.protocol.errors import Refusal
from demos.rooms.addresses import LOOPBACK, Reachable, is_beyond_loopback
from demos.rooms.hosting.conductor import Conductor
from demos.rooms.hosting.other_threads import NoServer, on_the_loop
from demos.rooms.hosting.registry import Rooms, shared_rooms
from guide.book import book
from guide.model import Answers

_STYLE = Path(__file__).with_name("workshop.css").read_text(encoding="utf-8")
AGENDAS = ("45min", "15min", "questions", "all")
LOOK_S = 1.0
FORMS = {"md": "Markdown", "html": "HTML", "pdf": "PDF", "json": "JSON"}
MARKS = {"good": "check_circle", "bad": "error", "wait": "hourglass_empty", "hint": "info"}


def page(keep: Keep, answers: Answers) -> None:
    """The whole page. `keep`: what the guide does with a measurement; `answers`: those in the address."""
    words, rooms = book().words, shared_rooms()
    st.title(words["workshop.title"], anchor=False)
    st.write(words["workshop.lead"])
    if not is_local(st.context.ip_address):
        st.info(words["workshop.not_here"])
        return
    st.html(f"<style>{_STYLE}</style>")
    with st.container(key="workshop"):
        try:
            _rooms(rooms, keep, answers)
        except NoServer as error:
            st.warning(str(error))


def _rooms(rooms: Rooms, keep: Keep, answers: Answers) -> None:
    newest = on_the_loop(rooms, lambda: _newest(rooms))
    if newest is None or newest.room.is_over:
        _open_one(rooms, answers)
    else:
        st.fragment(_live, run_every=LOOK_S)(rooms, newest)
    if newest is None or newest.room.phase in ("lobby", "ended"):  # a rehearsal would take the processor from people
        rehearsal.show(_own_url())
    if newest is not None:
        _report(rooms, newest)
        st.fragment(rounds_for_the_record.show, run_every=LOOK_S)(rooms, newest, keep)


def _newest(rooms: Rooms) -> Conductor | None:
    """The room that was opened last on this page, in whichever session: a reload finds it again."""
    return next((each for each in rooms.all() if each.room.code == rooms.shown), None)


# --- no room yet ---


def _open_one(rooms: Rooms, answers: Answers) -> None:
    words = book().words
    st.radio(
        words["workshop.agenda"], AGENDAS, format_func=lambda one: words[f"workshop.agenda.{one}"], key="room_agenda"
    )
    st.button(words["workshop.open"], type="primary", on_click=_opened, args=(rooms, answers), key="room_open")
    if answers:
        st.caption(words["workshop.answers"].format(n=len(answers)))
    if refused := st.session_state.pop("room_refused", None):
        st.warning(refused)
    if not is_beyond_loopback(_host()):
        st.info(words["workshop.check.alone"])


def _opened(rooms: Rooms, answers: Answers) -> None:
    """Callback."""
    agenda = st.session_state["room_agenda"]

    def opened() -> None:
        rooms.shown = rooms.open(agenda, answers=answers).room.code

    try:
        on_the_loop(rooms, opened)
    except (Refusal, NoServer) as refusal:
        st.session_state["room_refused"] = getattr(refusal, "message", str(refusal))


# --- a room ---


def _live(rooms: Rooms, held: Conductor) -> None:
    """A fragment, drawn again each second: who is here, and whether phones can come."""
    told = on_the_loop(rooms, lambda: _look(rooms, held))
    if held.room.is_over:
        st.rerun()
    words, addresses = book().words, told.addresses or [_own_url()]
    left, right = st.columns((2, 3), gap="large")
    with left:
        chosen = addresses[0]
        if len(addresses) > 1:
            chosen = st.selectbox(words["workshop.which"], addresses, key="room_address")
        entrances.code(f"{chosen}/r/{held.room.code}", held)
    with right:
        entrances.links(held, f"{_origin()}/r/{held.room.code}")
        entrances.elsewhere(held, f"{chosen}/r/{held.room.code}")
        st.subheader(words["workshop.checks"], anchor=False)
        _checks(told)
        here = len([person for person in held.room.people.values() if not person.simulated])
        st.write(words["workshop.here"].format(n=here))
        entrances.end(rooms, held)


def _look(rooms: Rooms, held: Conductor) -> preflight.Seen:
    where = rooms.addresses
    beyond = where.beyond_loopback if isinstance(where, Reachable) else False
    phones = preflight.phones(list(held.room.people.values()))
    return preflight.Seen(beyond, where(), time.monotonic() - held.room.opened, phones)


def _checks(told: preflight.Seen) -> None:
    words = book().words
    for line in preflight.lines(told):
        said = words[line.word].format(**line.values)
        mood = words[f"workshop.mood.{line.mood}"]
        st.markdown(f":material/{MARKS[line.mood]}: **{mood}** {said}")


def _report(rooms: Rooms, held: Conductor) -> None:
    words, render = book().words, rooms.render
    st.header(words["workshop.report"], anchor=False)
    st.write(words["workshop.report.lead"].format(code=held.room.code))
    if render is None:
        return
    with st.container(horizontal=True, key="room_report"):
        for form, label in FORMS.items():
            st.download_button(
                label,
                data=partial(_file, rooms, held, form),  # made when asked for
                file_name=f"room-{held.room.code}.{form}",
                key=f"room_report_{form}",
                on_click="ignore",
                type="primary" if form == "md" else "secondary",
            )


def _file(rooms: Rooms, held: Conductor, form: str) -> bytes:
    assert rooms.render is not None
    content, _ = rooms.render(on_the_loop(rooms, held.summary), form)
    return content


# --- where this server is ---


def _host() -> str:
    return st.get_option("server.address") or "0.0.0.0"


def _base() -> str:
    path: str = st.get_option("server.baseUrlPath")
    return f"/{path.strip('/')}" if path.strip("/") else ""


def _own_url() -> str:
    """This server, as this machine reaches it."""
    host = _host()
    name = LOOPBACK if host in ("0.0.0.0", "::", "localhost") else host
    shown = f"[{name}]" if ":" in name else name
    return f"http://{shown}:{st.get_option('server.port')}{_base()}"


def _origin() -> str:
    """This server, as this browser reaches it."""
    parts = urlsplit(st.context.url or _own_url())
    return f"{parts.scheme}://{parts.netloc}{_base()}"
