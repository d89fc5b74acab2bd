"""Which settings of nginx hold an event stream back: behind every nginx of this machine, and without one."""

from __future__ import annotations

import pytest

from demos.proxies import catalog as proxies
from demos.proxies.buffering.nginx import CASES, NAME, buffering, direct
from demos.proxies.catalog import Binary
from demos.proxies.expected import buffering_changes

HERE = proxies.binaries(NAME)


@pytest.mark.proxy
@pytest.mark.skipif(not HERE, reason="nginx is not on this machine")
@pytest.mark.parametrize("binary", HERE, ids=lambda binary: binary.title)
def test_what_is_held_is_what_was_measured(binary: Binary) -> None:
    rows = buffering(binary)
    assert buffering_changes(NAME, rows) == []
    assert [row.case for row in rows] == list(CASES)
    assert {row.compressed for row in rows if row.case.gzip} == {True}
    for row in rows:
        assert row.streamed == (row.first_ms < row.last_ms / 2), row


def test_without_a_proxy_events_come_one_by_one() -> None:
    row = direct()
    assert (row.word, row.events) == ("streamed", 30)


def test_cases_are_places_of_the_configuration() -> None:
    text = proxies.template(NAME, "buffering")
    for case in CASES:
        place = text.split(f"location /{case.place}/ {{")[1].split("}\n")[0]
        assert ("proxy_buffering off" in place) is not case.buffering
        assert ("gzip on" in place) is case.gzip
        assert f"proxy_http_version {case.http_version};" in place or case.http_version == "default"
