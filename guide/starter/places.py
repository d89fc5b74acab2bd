"""Fills the places of a project's files: `{{name}}`, or `{{name default}}` where nothing else is wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping

from guide.book.config_template import PLACE, Site, render

QUOTED_LIST = re.compile(r'(?m)^( *)"\{\{(\w+)\}\}",\n')
"""A line that stands for a list of texts, one a line."""


def filled(text: str, places: Mapping[str, str], lists: Mapping[str, tuple[str, ...]]) -> str:
    """The text with every place filled.

    Raises:
        ValueError: it has a place that nothing fills.
    """

    def fill(found: re.Match[str]) -> str:
        name, default = found.groups()
        value = places.get(name, default)
        if value is None:
            raise ValueError(f"nothing fills {found[0]}. Allowed: {', '.join(sorted({*places, *lists}))}")
        return value

    def lines(found: re.Match[str]) -> str:
        indent, name = found.groups()
        return "".join(f'{indent}"{item}",\n' for item in lists[name]) if name in lists else found[0]

    return PLACE.sub(fill, QUOTED_LIST.sub(lines, text))


def configured(template: str, places: Mapping[str, str]) -> str:
    """The configuration of a proxy in front of the project, with the limits on silence as they are recommended."""
    site = Site(int(places["proxy_port"]), int(places["port"]), places["folder"], address="0.0.0.0")
    return render(template, site)
