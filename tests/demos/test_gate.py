import pytest

from demos.gate import allowed_origins, origin_allowed

HOST = "guide.example:8501"


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        (None, HOST, True),
        ("http://guide.example:8501", HOST, True),
        ("HTTP://GUIDE.example:8501", HOST, True),
        ("https://guide.example", "guide.example", True),
        ("https://guide.example", "guide.example:443", True),
        ("http://guide.example:80", "guide.example", True),
        ("http://guide.example:8502", HOST, False),
        ("http://guide.example.evil.example:8501", HOST, False),
        ("http://evil.example", HOST, False),
        ("null", HOST, False),
        ("http://[", HOST, False),
        ("", HOST, False),
        ("https://proxy.example", HOST, True),
        ("https://proxy.example:9000", HOST, False),
    ],
)
def test_origins(origin, host, allowed):
    assert origin_allowed(origin, host, {"proxy.example"}) is allowed


def test_the_allow_list_comes_from_the_environment():
    given = {"STREAMWISE_ALLOWED_ORIGINS": " https://a.example/, b.example:8080 ,"}
    assert allowed_origins(given) == {"a.example", "b.example:8080"}


@pytest.mark.parametrize("path", ["/health", "/stream?query=hi", "/threads/x/stream/events"])
def test_a_foreign_page_gets_403_on_every_get(site, path):
    answer = site.http.get(path, headers={"Origin": "http://evil.example"})
    assert (answer.status_code, answer.json()["error"]) == (403, "foreign_origin")


@pytest.mark.parametrize("path", ["/threads", "/threads/x/commands", "/threads/x/stream/events", "/measure"])
def test_a_foreign_page_gets_403_on_every_post(site, path):
    assert site.http.post(path, headers={"Origin": "http://evil.example"}, content="{}").status_code == 403


@pytest.mark.parametrize("path", ["/ws", "/threads/x/stream/events"])
def test_a_foreign_page_opens_no_socket(site, path):
    import websocket

    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        site.socket(path, origin="http://evil.example")


def test_its_own_page_may(site):
    origin = f"http://127.0.0.1:{site.port}"
    assert site.http.get("/health", headers={"Origin": origin}).status_code == 200
    site.socket("/ws", origin=origin).close()


def test_a_handshake_that_lost_its_upgrade_is_told_so(site):
    answer = site.http.get("/ws", headers={"Sec-WebSocket-Key": "x"})
    assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")
    assert "Upgrade header" in answer.json()["message"]


def test_a_lost_upgrade_is_told_before_a_foreign_page(site):
    """A bare proxy often changes Host as well; what ails the handshake is the upgrade."""
    answer = site.http.get("/ws", headers={"Sec-WebSocket-Key": "x", "Origin": "http://proxy.example"})
    assert (answer.status_code, answer.json()["error"]) == (426, "upgrade_lost")
