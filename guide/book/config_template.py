"""Renders a proxy's configuration template: the text that is run, and the text shown to readers.

    {{port}} {{address}}      where the proxy listens
    {{upstream}}              the server behind it, as host:port; {{upstream_host}}, {{upstream_port}} apart
    {{server}} {{number}}     in a line that stands once for each of several servers: host:port, and 1, 2, ...
    {{folder}}                the one folder that it may write to
    {{base}}                  the path below which everything is served, such as /streamwise; empty for none
    {{?base}} line            a line that stands only where there is such a path
    {{idle 60s}}              a limit on silence, with its real value; a trial may shorten it
    #{{idle}} line            a limit that holds though nobody wrote it: a comment, until a trial shortens it

So there is one file for each configuration, and what a trial changes in it can be seen in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

PLACE = re.compile(r"\{\{(\w+)(?: ([0-9a-z]+))?\}\}")
UNWRITTEN = re.compile(r"(?m)^( *)#\{\{(\w+)\}\} ")
ONLY_BELOW = re.compile(r"(?m)^([ \t]*)\{\{\?base\}\} (.*\n)")
LIMITS = ("idle",)
BASE = re.compile(r"(/[A-Za-z0-9_-]+)*")
SERVER, NUMBER = "{{server}}", "{{number}}"


@dataclass(frozen=True)
class Site:
    """What stands in the places of one run."""

    port: int
    upstream_port: int
    folder: str
    address: str = "127.0.0.1"
    upstream_host: str = "127.0.0.1"
    servers: tuple[str, ...] = ()
    """Several servers, each as host:port, where a configuration is for several."""
    base: str = ""
    """The path below which everything is served; it begins with a slash, and ends without one."""

    def places(self) -> dict[str, str]:
        upstream = {"upstream": f"{self.upstream_host}:{self.upstream_port}", "upstream_host": self.upstream_host}
        return {
            **upstream,
            "upstream_port": str(self.upstream_port),
            "address": self.address,
            "port": str(self.port),
            "folder": self.folder,
            "base": self.base,
        }


def render(template: str, site: Site, idle_s: int | None = None, more: Mapping[str, str] | None = None) -> str:
    """The text that is run. With `idle_s` every limit on silence is that many seconds; `more` fills further places.

    Raises:
        ValueError: the template has a place that nothing fills, or a value would change what a line means.
    """
    if not re.fullmatch(r"[\w./-]+", site.folder):
        allowed = "letters, digits, . / - _"
        raise ValueError(f"the folder {site.folder!r} cannot stand in a configuration. Allowed: {allowed}")
    if not BASE.fullmatch(site.base):
        raise ValueError(f"the path {site.base!r:.60} cannot stand in a configuration. Allowed: /NAME, also /NAME/NAME")
    places = site.places() | dict(more or {})
    for name, value in (more or {}).items():
        if not re.fullmatch(r"[0-9a-z]+", value):
            raise ValueError(f"{value!r} cannot stand in {name}. Allowed: small letters and digits")
    template = ONLY_BELOW.sub(r"\1\2" if site.base else "", template)
    text = UNWRITTEN.sub(r"\1# " if idle_s is None else r"\1", template)
    text = "".join(line for one in text.splitlines(keepends=True) for line in _for_each(one, site.servers))

    def fill(found: re.Match[str]) -> str:
        name, real = found.groups()
        if name in LIMITS and real:
            return real if idle_s is None else f"{idle_s}s"
        if name not in places or real:
            raise ValueError(f"nothing fills {found[0]}. Allowed: {', '.join([*sorted(places), 'idle 60s'])}")
        return places[name]

    return PLACE.sub(fill, text)


def _for_each(line: str, servers: tuple[str, ...]) -> list[str]:
    """A line that names a server, once for each; any other as it is."""
    if SERVER not in line:
        return [line]
    return [line.replace(SERVER, server).replace(NUMBER, str(n)) for n, server in enumerate(servers, 1)]


def shown(template: str) -> str:
    """The text for people, with values to start from."""
    servers = ("127.0.0.1:9001", "127.0.0.1:9002", "127.0.0.1:9003")
    return render(template, Site(8080, 8501, "/etc/streamwise", address="0.0.0.0", servers=servers))


def has_idle_limit(template: str) -> bool:
    """Whether this configuration limits silence, written or not."""
    return any(found[1] in LIMITS for found in PLACE.finditer(template))
