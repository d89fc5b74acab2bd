"""The first response of every page: Streamlit's own, with our title, our words and colours, and one script of ours.

Streamlit's is an empty page until its scripts have run, and takes a page's address for that of its server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

import streamlit as st
from streamlit.file_util import get_static_dir

from guide.pages.frame import word
from guide.pages.shell.places import HIDDEN, PLACES, START

_HERE = Path(__file__).parent
COLOURS = {
    "BACKGROUND": "backgroundColor",
    "TEXT": "textColor",
    "BORDER": "borderColor",
    "LINK": "linkColor",
    "PRIMARY": "primaryColor",
    "SECONDARY": "secondaryBackgroundColor",
}


def first_pages(base: str) -> dict[str, str]:
    """Name in the address -> the page, as HTML; '' is the start. `base`: the path in front of all names, or ''."""
    index = Path(get_static_dir(), "index.html").read_text(encoding="utf-8")
    # Its font is not ours, and would be loaded for nothing.
    index = _instead(r'<link\s+rel="preload"[^>]*?as="font"[^>]*>', "", index)
    index = _instead(r"<noscript>.*?</noscript>", "", index)
    index = _instead(r'<html lang="en">', f'<html lang="en" data-base="{escape(base)}" data-pages="{_names()}">', index)
    index = _instead(r'<div id="root"></div>', f'<div id="root"></div>\n{_away()}', index)
    return {"" if name == START else name: _opening(index, name) for name in PLACES}


def missing_page(up: str) -> str:
    """What is said where there is no page, as HTML. `up`: from that address to the start, such as `../`."""
    rows = "".join(
        f'<li><a href="{"./" if name == START else name}">{escape(word(key))}</a></li>'
        for name, key in PLACES.items()
        if name != HIDDEN
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="UTF-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<base href="{escape(up)}">\n<link rel="icon" href="data:,">\n'
        f"<title>{escape(_title(word('shell.missing')))}</title>\n<style>{_style()}</style>\n</head>\n"
        f'<body>\n<main id="sw-first" class="sw-still"><p class="sw-name">{escape(word("app.title"))}</p><div>\n'
        f"<h1>{escape(word('shell.missing'))}</h1>\n<p>{escape(word('shell.missing_lead'))}</p>\n<ul>{rows}</ul>\n"
        "</div></main>\n</body>\n</html>\n"
    )


def _opening(index: str, name: str) -> str:
    title = word("start.title") if name == START else word(PLACES[name])
    # After Streamlit's style sheet, before its scripts run: a module waits until the page has been read.
    head = (
        f"<title>{escape(_title(word(PLACES[name])))}</title>\n<style>{_style()}</style>\n<script>{_script()}</script>"
    )
    body = (
        f'<div id="sw-first"><p class="sw-name">{escape(word("app.title"))}</p><div>\n'
        f'<p class="sw-title">{escape(title)}</p>\n<p>{escape(word("shell.line"))}</p>\n'
        f"<noscript><p>{escape(word('shell.no_scripts'))}</p></noscript>\n</div></div>"
    )
    index = _instead(r"<title>.*?</title>", head, index)
    return _instead(r"<body>", f"<body>\n{body}", index)


def _away() -> str:
    """Empty until it is needed: a screen reader says only what changes in a place that was there before."""
    stopped, away = escape(word("shell.stopped")), escape(word("shell.away"))
    return f'<div id="sw-away" role="status" data-stopped="{stopped}" data-away="{away}"></div>'


def _title(first: str) -> str:
    return f"{first} · {word('app.title')}"


def _names() -> str:
    return "|".join(PLACES)


def _script() -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in ("shell.js", "back.js"))


def _style() -> str:
    """The style sheet, with the colours and fonts of `.streamlit/config.toml`."""
    found = (_HERE / "shell.css").read_text(encoding="utf-8")
    known: Mapping[str, str] = {
        f"{theme.upper()}_{name}": f"theme.{theme}.{option}"
        for theme in ("light", "dark")
        for name, option in COLOURS.items()
    } | {"HEADING_FONT": "theme.headingFont", "BODY_FONT": "theme.font"}
    for name, option in known.items():
        found = found.replace(name, str(st.get_option(option)))
    return found


def _instead(pattern: str, text: str, page: str) -> str:
    """Replace the one place that matches.

    Raises:
        ValueError: there is none, or more than one: this version of Streamlit has another first page.
    """
    found, count = re.subn(pattern, lambda _: text, page, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"Streamlit's first page has {count} of {pattern!r}. Expected: 1.")
    return found
