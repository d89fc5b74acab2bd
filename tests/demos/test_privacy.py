"""That nothing leaves this machine is said where it is so."""

from __future__ import annotations

import pytest

from demos.pages.privacy import keys_of
from guide.book import book

LOCAL, FAR = "http://127.0.0.1:8501/lab", "https://guide.example/lab"


@pytest.mark.parametrize(
    ("address", "url", "model", "said"),
    [
        (None, LOCAL, None, ["here"]),
        ("127.0.0.1", None, None, ["here"]),
        ("::1", "http://[::1]:8501/", "http://localhost:11434/v1", ["here"]),
        ("127.0.0.1", LOCAL, "https://models.example/v1", ["but", "model"]),
        ("127.0.0.1", FAR, None, ["apart"]),  # a proxy on the server's machine
        ("192.0.2.7", "http://192.0.2.1:8501/", None, ["apart"]),
        ("192.0.2.7", LOCAL, None, ["apart"]),
        ("192.0.2.7", FAR, "https://models.example/v1", ["apart", "model"]),
    ],
)
def test_where_it_goes_is_said_by_where_visitor_server_and_model_are(
    address: str | None, url: str | None, model: str | None, said: list[str]
) -> None:
    assert keys_of(address, url, model) == [f"start.private_{one}" for one in said]
    assert all(f"start.private_{one}" in book().words for one in said)
