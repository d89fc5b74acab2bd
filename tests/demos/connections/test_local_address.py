from __future__ import annotations

import pytest

from demos.connections.local_address import is_local


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (None, True),
        ("127.0.0.1", True),
        ("192.0.2.1", False),  # RFC 5737: nobody's
        ("2001:db8::1", False),  # RFC 3849: nobody's
        ("", False),
        ("myhost", False),
    ],
)
def test_an_address_is_ours_if_it_can_be_listened_on(address: str | None, expected: bool) -> None:
    assert is_local(address) is expected
