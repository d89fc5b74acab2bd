"""The locks: every package with its version and its hashes, whatever the system, from the short lists beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from guide.book import KNOWLEDGE, book
from guide.decision.starter import fits_axes
from guide.starter import packages
from tests.guide.starter.projects import all_axes

ROOT = Path(__file__).parents[1]
LISTS = ROOT / "requirements"
LOCKS = {
    "run": ROOT / "requirements.txt",
    **{name: LISTS / f"{name}.txt" for name in ("model", "mcp", "replicas", "tests", "proxies", "deploy", "bench")},
}
STARTER = ROOT / "guide" / "knowledge" / "starter" / "locks"
HANDED_OUT = {f"starter-{path.stem}": path for path in sorted(STARTER.glob("*.txt"))}
"""Locks of the starter project, one for each set of packages that it may use."""
ALL = {**LOCKS, **HANDED_OUT}
TOGETHER = ("run", "model", "mcp", "replicas", "tests", "proxies", "deploy")
"""Those that share one environment; `bench` has one of its own."""
PIN = re.compile(r"(?P<name>[a-z0-9-]+)(?:\[[\w,-]+\])?==(?P<version>[0-9][0-9a-z.]*)(?: ; (?P<marker>[^\\]+))?")


@dataclass(frozen=True)
class Pin:
    """One package of a lock."""

    name: str
    version: str
    marker: str
    hashes: frozenset[str]


def requirements(name: str) -> list[str]:
    """The requirements of a lock, each as one line."""
    text = ALL[name].read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def lock(name: str) -> dict[tuple[str, str], Pin]:
    """Every package of a lock by name and marker: one package may have two versions for two systems."""
    found: dict[tuple[str, str], Pin] = {}
    for line in requirements(name):
        wanted, *hashes = line.split("--hash=")
        match = PIN.fullmatch(wanted.strip())
        assert match, f"{ALL[name].name}: {wanted}"
        marker = (match["marker"] or "").strip()
        assert (match["name"], marker) not in found, f"{match['name']} stands twice"
        found[match["name"], marker] = Pin(
            match["name"], match["version"], marker, frozenset(one.strip() for one in hashes)
        )
    return found


def direct(name: str) -> dict[str, str]:
    """What a short list names itself, and those that it includes."""
    found: dict[str, str] = {}
    for line in (LISTS / f"{name}.in").read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            found |= direct(line.removeprefix("-r ").removesuffix(".in"))
        elif line and not line.startswith("#"):
            package, version = re.sub(r"\[.*?\]", "", line).split("==")
            found[re.sub(r"[-_.]+", "-", package).lower()] = version
    return found


def test_every_list_has_its_lock_and_no_other_lock_lies_about() -> None:
    assert {path.stem for path in LISTS.glob("*.in")} == set(LOCKS)
    there = {*ROOT.glob("requirements*.txt"), *LISTS.glob("*.txt")}
    assert there == set(LOCKS.values())


@pytest.mark.parametrize("name", ALL)
def test_every_package_is_exact_and_has_hashes(name: str) -> None:
    pins = lock(name)
    assert len(pins) >= (len(direct(name)) if name in LOCKS else 1)
    for pin in pins.values():
        assert pin.hashes, pin.name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in pin.hashes), pin.name


@pytest.mark.parametrize("name", LOCKS)
def test_what_a_list_names_is_in_its_lock(name: str) -> None:
    locked = {(pin.name, pin.version) for pin in lock(name).values()}
    assert set(direct(name).items()) <= locked


@pytest.mark.parametrize("name", ALL)
def test_a_lock_names_no_place_to_get_it_from(name: str) -> None:
    text = ALL[name].read_text(encoding="utf-8")
    options = {line for line in text.splitlines() if re.match(r"\s*-(?!-hash=)", line)}
    assert not options
    assert not re.search(r"://| @ |file:|[^\w.]/\w|\\\w", text)


@pytest.mark.parametrize("name", TOGETHER[1:])
def test_locks_of_one_environment_agree(name: str) -> None:
    """Name for name: the same versions for the same systems, the same files."""
    mine: dict[str, set[tuple[str, frozenset[str]]]] = {}
    for pin in lock(name).values():
        mine.setdefault(pin.name, set()).add((pin.version, pin.hashes))
    for other in TOGETHER[: TOGETHER.index(name)]:
        for pin in lock(other).values():
            if pin.name in mine:
                assert (pin.version, pin.hashes) in mine[pin.name], f"{pin.name} in {name} and in {other}"


def test_what_runs_is_part_of_what_checks() -> None:
    names = {name: {pin.name for pin in lock(name).values()} for name in LOCKS}
    assert names["run"] <= names["model"] <= names["tests"]


def test_the_measured_versions_are_those_that_run() -> None:
    """The benchmark's other server is held against ours, so both stand on the same libraries."""
    ran = direct("run")
    shared = {name: version for name, version in direct("bench").items() if name in ran}
    assert shared == {name: ran[name] for name in shared}
    assert "langgraph" in shared


def test_packages_that_differ_by_system_say_so() -> None:
    for name in ALL:
        by_name: dict[str, list[Pin]] = {}
        for pin in lock(name).values():
            by_name.setdefault(pin.name, []).append(pin)
        for package, pins in by_name.items():
            assert len(pins) == 1 or all(pin.marker for pin in pins), package


def test_every_starter_lock_has_its_list() -> None:
    assert {path.stem for path in STARTER.glob("*.in")} == {path.stem for path in HANDED_OUT.values()}


@pytest.mark.parametrize("name", HANDED_OUT)
def test_a_starter_lock_holds_the_packages_of_its_projects(name: str) -> None:
    """The list beside it names what the manifest names, for every project that is given this lock."""
    starter = book().starter
    file = HANDED_OUT[name].relative_to(KNOWLEDGE).as_posix()
    listed = set(HANDED_OUT[name].with_suffix(".in").read_text(encoding="utf-8").split())
    [source] = [source for source in starter.files[packages.LOCK].sources if source.file == file]
    given = [axes for axes in all_axes() if fits_axes(source.when, axes)]
    used = [set(packages.direct(book(), axes, extra)) for axes in given for extra in (None, *packages.extras(book()))]
    assert set().union(*used) == listed
    assert listed <= {pin.name for pin in lock(name).values()}


@pytest.mark.parametrize("name", HANDED_OUT)
def test_a_starter_lock_has_the_versions_that_the_tests_ran_with(name: str) -> None:
    """Name for name, where both have a package: what is handed out is what was tested."""
    ours = {(pin.name, pin.marker): pin for pin in lock("tests").values()}
    shared = {pin.name for pin in lock(name).values()} & {key for key, _ in ours}
    assert {"fastapi", "uvicorn", "langgraph", "langchain-core", "pytest"} <= shared
    versions = {name: {pin.version for (key, _), pin in ours.items() if key == name} for name in shared}
    assert [pin for pin in lock(name).values() if pin.name in shared and pin.version not in versions[pin.name]] == []


def test_make_lock_writes_every_lock() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for name, path in LOCKS.items():
        line = rf"\$\(COMPILE\) requirements/{name}\.in .*--output-file {re.escape(str(path.relative_to(ROOT)))}\n"
        assert re.search(line, makefile), name
    assert re.search(r"(?m)^\tfor list in \$\(STARTER\)/\*\.in; do \$\(STARTER_COMPILE\) ", makefile)
    assert f"STARTER := {STARTER.relative_to(ROOT)}\n" in makefile
    pinned = re.search(r"(?m)^UV := (uv==\d+\.\d+\.\d+)$", makefile)
    assert pinned
    assert pinned[1] in (ROOT / "requirements/tests.in").read_text(encoding="utf-8").splitlines()
    script = (ROOT / "requirements/install.sh").read_text(encoding="utf-8")
    installs = re.findall(r"(?m)^[^#\n]*pip install.*$", script)
    assert len(installs) == 2, "with uv, and with pip"
    assert all("--require-hashes" in line for line in installs)
