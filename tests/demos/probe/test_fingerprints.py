"""What headers name, and what the guide says against a trouble there."""

from __future__ import annotations

from typing import Any

import pytest

from demos.probe.fingerprints import MOST_FIXES, Named, behind, fixes, named
from demos.proxies.catalog import folder
from guide.book import KNOWLEDGE, book
from guide.model import Trouble

BOOK = book()


@pytest.mark.parametrize(
    ("headers", "means"),
    [
        ({"server": "nginx/1.31.3"}, ["nginx"]),
        ({"server": "nginx"}, ["nginx"]),
        ({"server": "notnginx"}, []),
        ({"server": "envoy"}, ["envoy"]),
        ({"server": "istio-envoy"}, ["istio"]),
        ({"via": "1.1 Caddy", "server": "uvicorn"}, ["caddy", "uvicorn"]),
        ({"server": "cloudflare", "cf-ray": "8f"}, ["cloudflare"]),
        ({"via": "1.1 google"}, ["gcp-alb"]),
        ({"x-served-by": "cache-fra-1"}, ["fastly"]),
        ({"x-served-by": "web-1"}, []),
        ({"x-azure-ref": "a"}, ["azure-front-door"]),
        ({"fly-request-id": "a"}, ["fly"]),
        ({"x-vercel-id": "a"}, ["vercel"]),
        ({"x-amz-cf-id": "a"}, ["cloudfront"]),
        ({"via": "1.1 heroku-router"}, ["heroku"]),
        ({}, []),
    ],
)
def test_responses_name_what_they_came_through(headers: dict[str, str], means: list[str]) -> None:
    assert [one.means for one in named(BOOK, [headers], {})] == means


def test_what_arrived_names_who_added_it() -> None:
    arrived = ["host", *(f"x-forwarded-{name}" for name in ("for", "host", "port", "proto", "server")), "x-real-ip"]
    # A response says of its own connection what it likes: that is nobody's sign.
    assert [one.means for one in named(BOOK, [{"connection": "close"}], {"headers": arrived})] == ["traefik"]
    for n in range(1, len(arrived)):
        assert named(BOOK, [{}], {"headers": arrived[:n] + arrived[n + 1 :]}) == ()


def test_the_same_names_through_nginx_and_apache_are_not_traefik() -> None:
    """Apache tells the server whether it keeps the connection, and adds X-Forwarded-Server; nginx the rest."""
    arrived = [
        *(f"x-forwarded-{name}" for name in ("for", "host", "port", "proto", "server")),
        "x-real-ip",
        "connection",
    ]
    assert [one.means for one in named(BOOK, [{"server": "nginx"}], {"headers": arrived})] == ["nginx"]


@pytest.mark.parametrize(
    ("headers", "means"),
    [
        ({}, ["aws-alb"]),
        ({"x-amz-apigw-id": "a"}, ["aws-rest-buffered"]),
        ({"apigw-requestid": "a"}, ["aws-http-api"]),
    ],
)
def test_a_load_balancer_is_not_named_where_a_gateway_sends_the_same(headers: dict[str, str], means: list[str]) -> None:
    assert [
        one.means for one in named(BOOK, [{}, headers], {"headers": ["x-amzn-trace-id", "x-forwarded-port"]})
    ] == means


@pytest.mark.parametrize("about", [{}, {"headers": "x"}, {"headers": [1, {}]}, {"headers": None}])
def test_a_target_that_tells_nonsense_names_nothing(about: dict[str, Any]) -> None:
    assert named(BOOK, [{}], about) == ()


def test_one_that_is_named_twice_counts_once() -> None:
    assert len(named(BOOK, [{"server": "Caddy", "via": "1.1 Caddy"}, {"server": "Caddy"}], {})) == 1


def test_the_server_itself_is_not_in_front() -> None:
    assert {one.means: one.serves for one in named(BOOK, [{"server": "uvicorn"}, {"server": "nginx"}], {})} == {
        "nginx": False,
        "uvicorn": True,
    }


@pytest.mark.parametrize("means", ["nosuch", "nothing", ""])
def test_only_what_stands_in_the_path_can_be_told(means: str) -> None:
    with pytest.raises(KeyError):
        behind(BOOK, means)


def test_settings_are_the_guides_own() -> None:
    [fix] = fixes(BOOK, [behind(BOOK, "nginx")], Trouble.UPGRADE, "websocket")
    question = next(question for question in BOOK.questions.values() if question.places)
    limits = [limit for limit in question.answers["nginx"].limits if limit.trouble is Trouble.UPGRADE]
    assert [(fix.setting, fix.sentence)] == [(limit.setting, limit.sentence) for limit in limits]
    assert fix.file
    assert (KNOWLEDGE.parent.parent / fix.file).parent == folder("nginx")


@pytest.mark.parametrize("here", [[], [behind(BOOK, "caddy")]])
def test_where_nothing_is_known_of_the_trouble_it_says_what_it_may_be(here: list[Named]) -> None:
    maybe = fixes(BOOK, here, Trouble.SILENCE, "sse")
    assert 2 <= len(maybe) <= MOST_FIXES
    assert not any(fix.sure for fix in maybe)
    assert "haproxy" in [fix.means for fix in maybe]  # it signs nothing, so it may always be there


def test_every_sign_with_a_proxy_has_its_recommended_configuration() -> None:
    assert all([*folder(sign.proxy).glob("recommended.*")] for sign in BOOK.signs.values() if sign.proxy)
