"""Checks whether an address leads to a probe target. Follows three redirects, and names what is in the way."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import httpx

from demos.probe.bounded_reads import TooLarge, Unreadable, unpacked
from demos.probe.budget import PATIENCE_S, Budget, at_once
from demos.probe.reading import ONE_CODING

ABOUT = "/probe/about"
TARGET = "streamwise-probe/1"
MOST_REDIRECTS = 3
REDIRECTS = (301, 302, 303, 307, 308)


class Unreachable(Exception):
    """There is nothing to probe. Holds an outcome's id and the values for its sentence."""

    def __init__(self, outcome: str, **told: object) -> None:
        super().__init__(outcome)
        self.outcome, self.told = outcome, told


@dataclass(frozen=True)
class Reached:
    """A target that answers."""

    base: str
    """Its address without /probe/..., after redirects."""
    hops: tuple[str, ...]
    """Addresses of the redirects."""
    status: int
    headers: Mapping[str, str]
    """Of the response; names in lower case."""
    about: Mapping[str, Any]
    """The target's description of itself and of the request it received."""
    ms: float
    offers_h2: bool | None
    """Whether TLS offers HTTP/2; None: no TLS, or no reply. Browsers use HTTP/2 only over TLS."""


def trust(ca: str | None = None) -> ssl.SSLContext:
    """Return a TLS context with the usual certificate authorities, and those of the file `ca`.

    Raises:
        OSError: there is no such file, or it holds no certificate (ssl.SSLError is one, too).
    """
    context = httpx.create_ssl_context(trust_env=False)
    if ca:
        context.load_verify_locations(ca)
    return context


def base_of(url: str) -> str:
    """Normalise the address: no slash at its end, scheme in lower case.

    Raises:
        Unreachable: it cannot be used.
    """
    try:
        parts = urlsplit(url)
        address = parts.geturl()
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) and httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        usable = False
    if not usable or parts.query or parts.fragment or "@" in parts.netloc or not url.isprintable() or " " in url:
        raise Unreachable("url", url=url[:200])
    return address.rstrip("/").removesuffix(ABOUT).removesuffix("/probe")


def reach(url: str, budget: Budget, context: ssl.SSLContext, patience_s: float = PATIENCE_S) -> Reached:
    """Request the target's description of itself.

    Raises:
        Unreachable: no answer, or an answer from another server.
    """
    base = base_of(url)
    # A total limit, since a slow answer may send each byte within the timeout of a read.
    found = at_once([lambda: _asked(base, budget, context, patience_s)], 2 * patience_s)[0]
    if found is None:
        raise Unreachable("slow", seconds=f"{2 * patience_s:g}")
    return found


class Asking(Protocol):
    """What is needed to ask once more."""

    @property
    def budget(self) -> Budget: ...
    @property
    def context(self) -> ssl.SSLContext: ...
    @property
    def patience_s(self) -> float: ...


def asked_again(reached: Reached, by: Asking) -> object:
    """The target's clock, asked for a second time; the same as before if a cache answers. None without an answer."""
    try:
        found = at_once([lambda: _asked(reached.base, by.budget, by.context, by.patience_s)], by.patience_s)[0]
    except Unreachable:
        return None
    return found.about.get("now_ms") if found else None


def _asked(base: str, budget: Budget, context: ssl.SSLContext, patience_s: float) -> Reached:
    address, hops, began = base + ABOUT, [base + ABOUT], time.monotonic()
    with httpx.Client(verify=context, trust_env=False, timeout=patience_s) as http:
        while True:
            budget.spend()
            response, body = _get(http, address, patience_s)
            if response.status_code not in REDIRECTS or "location" not in response.headers:
                break
            address = _next(address, response.headers["location"])
            if address in hops or len(hops) > MOST_REDIRECTS:
                raise Unreachable("redirects", most=MOST_REDIRECTS, hops=" → ".join([*hops, address]))
            hops.append(address)
    ms = (time.monotonic() - began) * 1000
    about = _about(address, response, body)
    h2 = _offers_h2(address, budget, patience_s) if address.startswith("https") else None
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reached(address.removesuffix(ABOUT), tuple(hops[1:]), response.status_code, headers, about, round(ms, 1), h2)


def _get(http: httpx.Client, address: str, patience_s: float) -> tuple[httpx.Response, bytes]:
    """Send a GET request; returns the response and its body, up to the limit."""
    parts = urlsplit(address)
    told: dict[str, Any] = {"host": parts.hostname, "port": parts.port or (443 if parts.scheme == "https" else 80)}
    body = b""
    try:
        with http.stream("GET", address, headers={"Accept-Encoding": ONE_CODING}) as response:
            try:
                for piece in unpacked(response):
                    body += piece
            except TooLarge:
                pass  # no target sends so much
            return response, body
    except Unreadable as error:
        raise Unreachable("coding", address=address, why=str(error)) from None
    except httpx.ConnectTimeout:
        raise Unreachable("unanswered", seconds=f"{patience_s:g}", **told) from None
    except httpx.TimeoutException:
        raise Unreachable("mute", seconds=f"{patience_s:g}", **told) from None
    except httpx.InvalidURL as error:  # httpx looks at where a redirect leads, though it does not go there
        raise Unreachable("elsewhere", location=str(error)[:200]) from None
    except (httpx.HTTPError, UnicodeError) as error:
        raise _named(error, told) from None


def _named(error: Exception, told: Mapping[str, Any]) -> Unreachable:
    """Convert an error of httpx to Unreachable, by its cause."""
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return Unreachable("certificate", why=cause.verify_message.rstrip("."), **told)
            case ssl.SSLError():
                return Unreachable("tls", why=cause.reason or str(cause), **told)
            case socket.gaierror():
                return Unreachable("dns", **told)
            case ConnectionRefusedError():
                return Unreachable("closed", **told)
            case httpx.RemoteProtocolError():
                return Unreachable("not-http", why=str(cause), **told)
    return Unreachable("dropped", why=str(error) or type(error).__name__, **told)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _next(address: str, location: str) -> str:
    """Return the absolute address of a redirect."""
    try:
        to = urlsplit(urljoin(address, location)).geturl()  # its scheme in lower case
        scheme, host = urlsplit(to).scheme, urlsplit(to).hostname
    except ValueError:
        scheme, host, to = "", "", location
    if scheme not in ("http", "https") or not host:
        raise Unreachable("elsewhere", location=location[:200])
    return to


def _about(address: str, response: httpx.Response, body: bytes) -> Mapping[str, Any]:
    status, told = response.status_code, {"address": address, "status": response.status_code}
    if status in (401, 403, 407):
        raise Unreachable("wall", **told)
    if status == 404:
        raise Unreachable("missing", **told)
    if status in (502, 503, 504):
        raise Unreachable("gateway", **told)
    try:
        about = json.loads(body)
    except (ValueError, RecursionError):
        about = None
    if isinstance(about, dict) and about.get("target") == TARGET and status == 200 and address.endswith(ABOUT):
        return about
    kind = response.headers.get("content-type", "").split(";")[0][:60]
    raise Unreachable("page" if "html" in kind else "other", kind=kind or "no type", **told)


def _offers_h2(address: str, budget: Budget, patience_s: float) -> bool | None:
    """Whether the first hop offers HTTP/2 by ALPN (RFC 7301); sends no HTTP request. None if the connection fails."""
    budget.spend()
    context = httpx.create_ssl_context(verify=False, trust_env=False)  # the certificate was checked before
    context.set_alpn_protocols(["h2", "http/1.1"])
    parts = urlsplit(address)
    try:
        with (
            socket.create_connection((parts.hostname or "", parts.port or 443), patience_s) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as secure,
        ):
            return secure.selected_alpn_protocol() == "h2"
    except OSError:
        return None
