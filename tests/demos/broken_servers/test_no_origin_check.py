"""Where no origin is refused: below one path, and only in a server that was made with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import websocket

from demos.broken_servers import no_origin_check as traps_origin
from tests.demos.toys import Served, backend, served
from tests.patience import seconds

FOREIGN = {"Origin": "http://elsewhere.example"}


@pytest.fixture(scope="module")
def site() -> Iterator[Served]:
    serving = backend()
    with served(serving, traps=traps_origin.routes(serving), unchecked=traps_origin.UNCHECKED) as site:
        yield site


def test_below_one_path_any_page_may_come_in_and_its_model_runs(site: Served) -> None:
    path = "/traps/unchecked/traps/answers/a"
    answer = site.http.get(f"{path}/naive?n_tokens=2", headers=FOREIGN)
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
    address = f"{site.api.replace('http', 'ws')}{path}/socket?n_tokens=2&channels=messages"
    websocket.create_connection(address, timeout=seconds(5), origin=FOREIGN["Origin"]).close()
    assert site.http.get(path).json()["requests"] == 2


@pytest.mark.parametrize(
    "path", ["/traps/answers/a/naive", "/threads/x", "/traps/unchecked/../answers/a/naive", "/traps/uncheckedx/y"]
)
def test_everywhere_else_they_are_refused(site: Served, path: str) -> None:
    assert site.http.get(path, headers=FOREIGN).status_code == 403


def test_the_page_of_the_other_site_is_served_and_tells_only_its_parent(site: Served) -> None:
    page = site.http.get("/traps/unchecked/frame")
    assert page.headers["content-type"].startswith("text/html")
    assert "source !== parent" in page.text


def test_an_app_has_no_such_path(running: Served) -> None:
    answer = running.http.get("/traps/unchecked/traps/answers/a/naive", headers=FOREIGN)
    assert answer.status_code == 403
