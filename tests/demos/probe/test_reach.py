"""Whether there is a target, and what is in the way if not: each with a real server, or none."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from demos.probe.budget import LARGEST, Budget
from demos.probe.reach import ABOUT, MOST_REDIRECTS, TARGET, Unreachable, base_of, reach, trust
from demos.processes.ports import free_port
from guide.book import book
from tests.demos.probe.servers import certificate, http, mute, plain

TOLD = json.dumps({"target": TARGET, "http": "1.1"}).encode()
GOOD = http("200 OK", TOLD, Content_Type="application/json")
PATIENCE_S = 5.0


def why(url: str, patience_s: float = PATIENCE_S, ca: str | None = None) -> str:
    """The outcome's id; its sentence can be said with what it was told."""
    with pytest.raises(Unreachable) as caught:
        reach(url, Budget(), trust(ca), patience_s)
    assert book().words[f"probe.no.{caught.value.outcome}"].format(**caught.value.told)
    return caught.value.outcome


@pytest.mark.parametrize("name", ["fastapi", "starlette"])
def test_a_target_tells_what_it_is_and_what_arrived(targets: Callable[[str], int], name: str) -> None:
    budget = Budget()
    found = reach(f"http://127.0.0.1:{targets(name)}/", budget, trust(), PATIENCE_S)
    assert found.about["target"] == TARGET
    assert found.about["app"].startswith(name)
    assert found.about["server"].startswith("uvicorn ")
    assert (found.about["http"], found.about["upgrade"]) == ("1.1", None)
    assert found.about["host"] == f"127.0.0.1:{targets(name)}"
    assert {"host", "user-agent"} <= set(found.about["headers"])
    assert (found.hops, found.offers_h2, budget.made) == ((), None, 1)


@pytest.mark.parametrize(
    "url",
    ["", "nowhere", "ftp://127.0.0.1/", "http://", "http://me:secret@127.0.0.1/", "http://127.0.0.1/?a=1", "http://[::1",
     "http://127.0.0.1/#a", "http://127.0.0.1:99999/", "http://127.0.0.1/a b", "http://127.0.0.1/\r\nx", "file://here/etc"],
)  # fmt: skip
def test_an_address_that_cannot_be_probed_is_not_tried(url: str) -> None:
    assert why(url) == "url"


def test_an_address_may_already_name_the_target() -> None:
    assert base_of(f"https://here/app{ABOUT}") == base_of("https://here/app/") == "https://here/app"


def test_the_scheme_is_in_lower_case_wherever_it_comes_from(tmp_path: Path) -> None:
    assert base_of("HTTPS://Here/App") == "https://Here/App"
    context, cert = certificate(tmp_path)
    with plain(lambda path: GOOD, context) as port:
        there = f"127.0.0.1:{port}"
        with plain(lambda path: http("302 Found", Location=f"HTTPS://{there}{ABOUT}")) as first:
            found = reach(f"HTTP://127.0.0.1:{first}", Budget(), trust(str(cert)), PATIENCE_S)
    assert (found.base, found.offers_h2) == (f"https://{there}", False)


def test_what_is_packed_is_read() -> None:
    with plain(lambda path: http("200 OK", gzip.compress(TOLD), Content_Encoding="gzip")) as port:
        assert reach(f"http://127.0.0.1:{port}", Budget(), trust(), PATIENCE_S).about["target"] == TARGET


def test_no_more_is_unpacked_than_allowed() -> None:
    packed = gzip.compress(b" " * (LARGEST * 20) + TOLD)
    with plain(lambda path: http("200 OK", packed, Content_Encoding="gzip")) as port:
        assert why(f"http://127.0.0.1:{port}") == "other"


def test_nobody_listens() -> None:
    assert why(f"http://127.0.0.1:{free_port()}") == "closed"


def test_a_name_without_an_address() -> None:
    assert why("http://nosuch.invalid") == "dns"


def test_a_port_that_never_answers() -> None:
    with mute() as port:
        assert why(f"http://127.0.0.1:{port}", 0.3) == "mute"


def test_an_answer_that_drips_is_not_waited_for() -> None:
    """A header that never ends, byte by byte: each of them comes in time."""
    import socketserver
    import threading

    over = threading.Event()

    class Drips(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(b"HTTP/1.1 200 OK\r\nX-A: ")
            try:
                while not over.wait(0.05):
                    self.request.sendall(b"a")
            except OSError:
                pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Drips) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        assert why(f"http://127.0.0.1:{server.server_address[1]}", 0.3) == "slow"
        over.set()
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (http("200 OK", b"<html>Welcome</html>", Content_Type="text/html"), "page"),
        (http("200 OK", b"{}", Content_Type="application/json"), "other"),
        (http("200 OK", b"[" * 100_000, Content_Type="application/json"), "other"),
        (http("500 Oh", b"", Content_Type="text/plain"), "other"),
        (http("404 Not Found"), "missing"),
        (http("401 Who"), "wall"),
        (http("403 No"), "wall"),
        (http("502 Bad Gateway"), "gateway"),
        (http("504 Late"), "gateway"),
        (b"SSH-2.0-OpenSSH\r\n", "not-http"),
        (b"", "not-http"),
        (http("200 OK", b"no gzip", Content_Encoding="gzip"), "coding"),
        (http("200 OK", gzip.compress(gzip.compress(TOLD)), Content_Encoding="gzip, gzip"), "coding"),
        (http("302 Found", Location="ftp://127.0.0.1/"), "elsewhere"),
        (http("302 Found", Location="javascript:alert(1)"), "elsewhere"),
        (http("302 Found", Location="http://[bad"), "elsewhere"),
        (http("302 Found", Location="mailto:x"), "elsewhere"),
    ],
)
def test_whatever_else_answers_is_named(answer: bytes, outcome: str) -> None:
    with plain(lambda path: answer) as port:
        assert why(f"http://127.0.0.1:{port}") == outcome


def test_tls_that_is_none_and_none_that_is_tls(tmp_path: Path) -> None:
    with plain(lambda path: http("400 Bad Request"), listens=False) as port:
        assert why(f"https://127.0.0.1:{port}") == "tls"
    context, _ = certificate(tmp_path)
    with plain(lambda path: GOOD, context) as port:
        assert why(f"http://127.0.0.1:{port}") in ("not-http", "dropped")


def test_a_circle_of_redirects_is_told_and_left() -> None:
    asked: list[str] = []

    def circle(path: str) -> bytes:
        asked.append(path)
        return http("302 Found", Location=ABOUT if path == "/b" else "/b")

    with plain(circle) as port:
        assert why(f"http://127.0.0.1:{port}") == "redirects"
    assert asked == [ABOUT, "/b"]


def test_too_many_redirects_are_not_followed() -> None:
    asked: list[str] = []

    def onward(path: str) -> bytes:
        asked.append(path)
        return http("307 On", Location=f"/{len(asked)}{ABOUT}")

    with plain(onward) as port:
        assert why(f"http://127.0.0.1:{port}") == "redirects"
    assert len(asked) == MOST_REDIRECTS + 1


def test_redirects_are_followed_and_told() -> None:
    with plain(lambda path: GOOD if path.startswith("/new") else http("308 Moved", Location=f"/new{path}")) as port:
        budget = Budget()
        found = reach(f"http://127.0.0.1:{port}", budget, trust(), PATIENCE_S)
        assert found.base == f"http://127.0.0.1:{port}/new"
        assert found.hops == (f"{found.base}{ABOUT}",)
        assert budget.made == 2


def test_no_more_is_read_than_allowed() -> None:
    with plain(lambda path: http("200 OK", b" " * (LARGEST * 20) + TOLD, Content_Type="application/json")) as port:
        assert why(f"http://127.0.0.1:{port}") == "other"


@pytest.mark.parametrize(
    ("trusted", "made", "said"),
    [
        (False, {}, "self-signed certificate"),
        (True, {"until": "20200201000000Z"}, "certificate has expired"),
        (True, {"since": "20980101000000Z"}, "not yet valid"),
        (True, {"name": "DNS:elsewhere.example"}, "mismatch"),
    ],
)
def test_a_bad_certificate_is_named(tmp_path: Path, trusted: bool, made: dict[str, str], said: str) -> None:
    context, cert = certificate(tmp_path, **made)
    with plain(lambda path: GOOD, context) as port, pytest.raises(Unreachable) as caught:
        reach(f"https://127.0.0.1:{port}", Budget(), trust(str(cert) if trusted else None), PATIENCE_S)
    assert caught.value.outcome == "certificate"
    assert said in str(caught.value.told["why"])


@pytest.mark.parametrize("h2", [True, False])
def test_ones_own_authority_is_trusted_and_http2_asked_for(tmp_path: Path, h2: bool) -> None:
    context, cert = certificate(tmp_path)
    context.set_alpn_protocols(["h2", "http/1.1"] if h2 else ["http/1.1"])
    with plain(lambda path: GOOD, context) as port:
        found = reach(f"https://127.0.0.1:{port}", Budget(), trust(str(cert)), PATIENCE_S)
    assert found.offers_h2 is h2


def test_an_authority_that_is_not_there() -> None:
    with pytest.raises(OSError, match="No such file"):
        trust("/nosuch.pem")
