from __future__ import annotations

import pytest

from guide.book.config_template import Site, has_idle_limit, render, shown

SITE = Site(port=20001, upstream_port=9000, folder="/tmp/x-1")
TEXT = """listen {{address}}:{{port}};
pass {{upstream}}; at {{upstream_host}} {{upstream_port}} in {{folder}}
    #{{idle}} read {{idle 60s}};
    send {{idle 3600s}};
"""


def test_places_are_filled_and_limits_keep_their_value() -> None:
    assert render(TEXT, SITE) == (
        "listen 127.0.0.1:20001;\npass 127.0.0.1:9000; at 127.0.0.1 9000 in /tmp/x-1\n"
        "    # read 60s;\n    send 3600s;\n"
    )


def test_a_trial_shortens_limits_also_those_that_nobody_wrote() -> None:
    assert render(TEXT, SITE, idle_s=5).splitlines()[2:] == ["    read 5s;", "    send 5s;"]


def test_what_is_shown_differs_from_what_is_run_in_places_only() -> None:
    assert shown(TEXT).splitlines()[2:] == render(TEXT, SITE).splitlines()[2:]
    assert "0.0.0.0:8080" in shown(TEXT)


@pytest.mark.parametrize("place", ["{{nosuch}}", "{{port 60s}}", "{{idle}}"])
def test_a_place_that_nothing_fills_is_named(place: str) -> None:
    with pytest.raises(ValueError, match=r"nothing fills \{\{.*Allowed: "):
        render(place, SITE)


@pytest.mark.parametrize("folder", ["/tmp/a b", '/tmp/"', "/tmp/a;b", "", "/tmp/a\n"])
def test_a_folder_cannot_change_what_a_line_means(folder: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in a configuration"):
        render(TEXT, Site(1, 2, folder))


def test_further_places_take_numbers_and_words_only() -> None:
    assert render("{{most}}", SITE, more={"most": "60s"}) == "60s"
    with pytest.raises(ValueError, match="'60s;' cannot stand in most"):
        render("{{most}}", SITE, more={"most": "60s;"})


def test_limits_are_seen_wherever_they_are() -> None:
    assert has_idle_limit("a {{idle 1h}}")
    assert has_idle_limit("#{{idle}} a 5")
    assert not has_idle_limit("a {{port}}")
