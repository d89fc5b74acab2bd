"""The project that is made from a verdict: always a known one, whole, with every place filled, and small."""

from __future__ import annotations

import ast
import io
import json
import re
import tomllib
import zipfile
from collections import Counter

import pytest
import yaml

from guide.book import book
from guide.decision.starter import fits_axes, variants
from guide.report.report import build
from guide.starter import packages
from guide.starter.archive import zipped
from guide.starter.project import FORMAT, Project, make
from tests.guide.starter.projects import DAY, all_axes, every_project, project, random_answers

PROJECTS = every_project()
MOST_FILES, MOST_LINES, MOST_README, WIDTH = 27, 2_170, 102, 120
RECORD = "docs/decision.md"
LOCK = packages.LOCK
PLACE = re.compile(r"\{\{\w")
each = pytest.mark.parametrize("axes", PROJECTS, ids=["-".join(value for _, value in axes) for axes in PROJECTS])
Axes = tuple[tuple[str, str], ...]


def text(made: Project, path: str) -> str:
    return made.files[path].decode()


def proxy_files(made: Project) -> list[str]:
    """Where the configuration of the proxy stands; Traefik has two files."""
    return [path for path in made.files if path.startswith("deploy/") and "Dockerfile" not in path]


# --- over the whole space of answers ---


def test_every_set_of_answers_leads_to_known_projects_or_to_none() -> None:
    known = [tuple(axes.values()) for axes in all_axes()]
    met: Counter[str] = Counter()
    for seed in range(2_000):
        answers = random_answers(seed, book())
        for option in book().options:
            [variant] = variants(book(), answers, option)
            assert tuple(variant.axes.values()) in known
            met.update(variant.axes.values())
        assert [one.option for one in variants(book(), answers, "level")] == list(book().options)
        assert all(variants(book(), answers, outside) == () for outside in book().outside)
    assert set(met) == {one.value for choices in book().starter.axes.values() for one in choices}


def test_what_lies_outside_is_refused_in_words() -> None:
    report = build(book(), {"media": ("voice",)})
    with pytest.raises(ValueError, match=r"'webrtc' is no single transport\. Allowed: sse, websocket"):
        make(book(), report, DAY)


def test_an_eventsource_is_never_asked_for_a_header() -> None:
    for seed in range(2_000):
        for variant in variants(book(), random_answers(seed, book()), "sse"):
            assert (variant.axes["transport"], variant.axes["who"]) != ("sse", "header")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"uplink": ("nothing",)}, {"transport": "sse", "who": "cookie", "log": "memory", "proxy": "none"}),
        ({"uplink": ("nothing",), "auth": ("header",)}, {"transport": "fetch", "who": "header"}),
        ({"uplink": ("nothing",), "auth": ("none",)}, {"transport": "sse", "who": "none"}),
        ({"uplink": ("controls",), "clients": ("programs",)}, {"transport": "fetch", "who": "header"}),
        ({"uplink": ("controls",), "clients": ("programs", "browsers")}, {"who": "cookie"}),
        ({"uplink": ("controls",), "clients": ("programs",), "kind": ("feed",)}, {"transport": "sse", "who": "cookie"}),
        ({"uplink": ("nothing",), "resume": ("restart",)}, {"transport": "post", "log": "memory"}),
        ({"uplink": ("nothing",), "resume": ("lose",), "hosting": ("stateless",)}, {"log": "memory"}),
        ({"uplink": ("nothing",), "hosting": ("stateless",)}, {"transport": "sse", "log": "redis"}),
        ({"uplink": ("nothing",), "hosting": ("serverless",)}, {"log": "redis"}),
        ({"uplink": ("nothing",), "hosting": ("sticky",)}, {"log": "memory"}),
        ({"uplink": ("steady",)}, {"transport": "websocket"}),
        ({"uplink": ("steady",), "network": ("some",)}, {"transport": "fallback"}),
        ({"uplink": ("nothing",), "path": ("unknown",)}, {"proxy": "none"}),
        ({"uplink": ("nothing",), "path": ("apache",)}, {"proxy": "none"}),
        ({"uplink": ("nothing",), "path": ("haproxy", "nginx")}, {"proxy": "nginx"}),
        ({"uplink": ("nothing",), "path": ("caddy", "haproxy", "traefik", "envoy")}, {"proxy": "envoy"}),
    ],
)
def test_the_axes_follow_the_answers(answers: dict[str, tuple[str, ...]], expected: dict[str, str]) -> None:
    option = "websocket" if expected.get("transport") in ("websocket", "fallback") else "sse"
    [variant] = variants(book(), answers, option)
    assert expected.items() <= variant.axes.items()


# --- each project ---


@each
def test_its_files_are_those_of_the_manifest(axes: Axes) -> None:
    manifest = book().starter.files
    listed = [
        path
        for path, file in manifest.items()
        if not file.sources or any(fits_axes(source.when, dict(axes)) for source in file.sources)
    ]
    assert list(PROJECTS[axes].files) == listed
    assert [path for path in listed if not PROJECTS[axes].files[path].strip()] == []


@each
def test_no_place_is_left_unfilled(axes: Axes) -> None:
    assert [path for path in PROJECTS[axes].files if PLACE.search(text(PROJECTS[axes], path))] == []


@each
def test_it_is_small(axes: Axes) -> None:
    lines = {path: content.count(b"\n") for path, content in PROJECTS[axes].files.items() if path not in (LOCK, RECORD)}
    assert len(PROJECTS[axes].files) <= MOST_FILES
    assert sum(lines.values()) <= MOST_LINES, sorted(lines.items(), key=lambda item: -item[1])
    assert lines["README.md"] <= MOST_README


@each
def test_no_line_is_too_long(axes: Axes) -> None:
    made = PROJECTS[axes]
    prose = {LOCK, "docs/decision.md", "streamwise.json"}
    long = [
        f"{path}: {line}"
        for path in made.files.keys() - prose
        if path not in proxy_files(made)
        for line in text(made, path).splitlines()
        if len(line) > WIDTH and not line.startswith("|")
    ]
    assert long == []


@each
def test_its_python_compiles_and_its_data_can_be_read(axes: Axes) -> None:
    made = PROJECTS[axes]
    for path in made.files:
        if path.endswith(".py"):
            compile(text(made, path), path, "exec", dont_inherit=True)
    assert tomllib.loads(text(made, "pyproject.toml"))["project"]["name"]
    for path in made.files:
        if path.endswith(".yaml"):
            assert yaml.safe_load(text(made, path))


@each
def test_what_it_imports_is_among_its_packages(axes: Axes) -> None:
    """And the other way round: no package is named that nothing uses, but for the server that runs `app`."""
    made = PROJECTS[axes]
    top: set[str] = set()
    for path in made.files:
        if path.endswith(".py"):
            for node in ast.walk(ast.parse(text(made, path))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                top |= {name.split(".")[0] for name in names}
    distribution = {"websocket": "websocket-client", "starlette": "fastapi"}
    used = {distribution.get(name, name.replace("_", "-")) for name in top - {"app", "client", "tests"}}
    project = tomllib.loads(text(made, "pyproject.toml"))["project"]
    named = {re.split("[><=]", one)[0] for one in [*project["dependencies"], *project["optional-dependencies"]["test"]]}
    assert {name for name in used if name in packages.pinned(text(made, LOCK))} <= named


@each
def test_ranges_begin_at_the_locked_versions(axes: Axes) -> None:
    made = PROJECTS[axes]
    project = tomllib.loads(text(made, "pyproject.toml"))["project"]
    versions = packages.pinned(text(made, LOCK))
    for one in (*project["dependencies"], *project["optional-dependencies"]["test"]):
        name, least, below = re.fullmatch(r"([a-z-]+)>=([\w.]+),<(\d+)", one).groups()  # type: ignore[union-attr]
        assert versions[name] == least
        assert int(least.split(".")[0]) + 1 == int(below)


@each
def test_all_its_parts_agree_on_the_port(axes: Axes) -> None:
    made = PROJECTS[axes]
    port = book().starter.places["port"]
    assert f'"PORT", "{port}"' in text(made, "app/settings.py")
    dockerfile = text(made, "deploy/Dockerfile")
    assert f"EXPOSE {port}\n" in dockerfile
    assert f'"--port", "{port}"' in dockerfile
    readme = " ".join(text(made, "README.md").split())
    assert f"http://127.0.0.1:{port}" in readme
    assert f"-p 127.0.0.1:{port}:{port} " in readme
    if dict(axes)["proxy"] != "none":
        found = "".join(text(made, path) for path in proxy_files(made))
        assert re.search(rf"127\.0\.0\.1:{port}\b|127\.0\.0\.1, port_value: {port}\b", found)
        assert re.search(rf"\b{book().starter.places['proxy_port']}\b", found)
        assert f"port {book().starter.places['proxy_port']} " in readme


# --- one project ---


def test_the_heartbeat_is_the_one_that_the_path_asks_for() -> None:
    tiers = book().questions["path"].answers
    short = [
        aid
        for aid, one in tiers.items()
        if any(limit.trouble == "silence" and (limit.after or 60) < 30 for limit in one.limits)
    ]
    answers = (("uplink", ("nothing",)), ("silence", ("long",)), ("path", (short[0],)))
    wanted = build(book(), dict(answers)).path.heartbeat
    assert wanted is not None
    assert wanted < 15
    assert f'"HEARTBEAT_SECONDS", "{wanted:g}"' in text(project(answers, "sse"), "app/settings.py")


def test_the_readme_tells_what_the_answers_ask_for_and_the_project_lacks() -> None:
    answers = (("uplink", ("controls",)), ("disconnect", ("grace",)), ("replay", ("snapshot",)))
    report = build(book(), dict(answers))
    [made] = report.projects
    readme = " ".join(text(project(answers, report.chosen), "README.md").split())
    left = [need for need in report.needs if need.id in made.left]
    assert {"grace-period", "snapshot"} <= {need.id for need in left}
    assert all(f"{need.title}" in readme for need in left[:3])
    built = [need for need in report.needs if need.id not in made.left]
    assert all(f"**{need.title}.**" not in readme for need in built)


def test_the_answers_are_kept_so_that_it_can_be_made_again() -> None:
    answers = {"uplink": ("controls", "approvals"), "path": ("nginx",)}
    made = make(book(), build(book(), answers), DAY)
    kept = json.loads(made.files["streamwise.json"])
    assert kept["format"] == FORMAT
    assert kept["answers"] == {qid: list(chosen) for qid, chosen in answers.items()}
    assert kept["rules"] == {"version": book().version, "hash": book().hash}
    assert kept["built"]["proxy"] == "nginx"


def test_the_zip_is_the_same_byte_for_byte() -> None:
    answers = {"uplink": ("nothing",)}
    made = [make(book(), build(book(), answers), DAY) for _ in range(2)]
    first, second = (zipped(one.files, one.name) for one in made)
    assert first == second
    assert first == zipped(dict(sorted(made[0].files.items(), reverse=True)), made[0].name)
    archive = zipfile.ZipFile(io.BytesIO(first))
    assert archive.testzip() is None
    assert {name: archive.read(name) for name in archive.namelist()} == {
        f"streamwise-sse/{path}": content for path, content in made[0].files.items()
    }
