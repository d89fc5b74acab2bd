"""The rules of the house, held as code: who may import whom, what a file may be called, how long it may grow."""

from __future__ import annotations

import ast
import functools
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from guide.book import load as books

ROOT = Path(__file__).parents[1]
LEFT_OUT = {
    ".venv",
    ".git",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    "__pycache__",
    "vendor",
    "screenshots",
    "build",
}
TEXT = {".py", ".md", ".yaml", ".toml", ".txt", ".js", ".css", ".html", ".json", ".conf", ".svg", ".typ", ""}

OWNERS = {
    "streamlit": ("app.py", "ui.py", "guide/pages/", "demos/pages/"),
    "yaml": ("guide/book/load.py", "guide/__main__.py"),  # the second for the class of its errors
    "langgraph": ("demos/agent/graph.py",),
    "langchain_core": ("demos/agent/graph.py", "demos/agent/scripted_model.py", "demos/agent/openai_model.py"),
    "langchain_openai": ("demos/agent/openai_model.py",),
    "starlette": ("demos/",),
    "uvicorn": ("demos/__main__.py",),
    "httpx": (
        *(
            "demos/clients/readers.py",
            "demos/lab/runner.py",
            "demos/harness/testbed.py",
            "demos/lab/child_servers.py",
            "demos/clients/commanding.py",
        ),
        *("demos/harness/stopping_subject.py", "demos/probe/"),
    ),
    "websocket": (
        "demos/clients/readers.py",
        "demos/harness/stopping_subject.py",
        "demos/clients/chromium.py",
        "demos/probe/",
    ),
    "prometheus_client": ("demos/server/metrics.py",),
    "typst": ("guide/record/exports/pdf.py",),
    "h2": ("demos/proxies/http2/bridge.py",),
    "trustme": ("demos/proxies/http2/certificate.py",),
    "pydantic": ("guide/", "demos/protocol/receipts.py", "demos/server/endpoints.py", "demos/agent/openai_model.py"),
}
"""Each outside library has its owners; what is not named here is not used."""
SHARED = {"guide.model", "guide.book.load", "guide.book.link", "guide.book.config_template"}
"""All that the demos may know of the guide. The guide knows nothing of the demos."""
MAY_IMPORT = {
    "guide/model.py": set(),
    "guide/book/checks.py": {"guide.model", "guide.book.load", "guide.book.path_checks", "guide.book.probe_checks"},
    "guide/book/probe_checks.py": {"guide.model", "guide.book.load"},
    "guide/book/path_checks.py": {"guide.model", "guide.book.load"},
    "guide/book/load.py": {"guide.model", "guide.book.checks"},
    "guide/decision/path.py": {"guide.model", "guide.book.load"},
    "guide/decision/plan.py": {"guide.model", "guide.book.load", "guide.decision.path"},
    "guide/decision/bounds.py": {"guide.model", "guide.book.load", "guide.decision.plan"},
    "guide/decision/engine.py": {"guide.model", "guide.book.load", "guide.decision.bounds", "guide.decision.plan"},
    "guide/decision/what_if.py": {"guide.model", "guide.book.load", "guide.decision.engine", "guide.decision.plan"},
    "guide/decision/robustness.py": {"guide.decision.engine", "guide.decision.plan"},
    "guide/decision/proof.py": {"guide.model", "guide.book.load", "guide.decision.engine", "guide.decision.plan"},
    "guide/decision/score.py": {"guide.model", "guide.book.load", "guide.decision.engine", "guide.decision.what_if"},
    "guide/book/link.py": {"guide.model", "guide.book.load"},
    "guide/decision/snippets.py": {"guide.model", "guide.book.load", "guide.decision.engine"},
    "guide/report/diagram.py": {"guide.model", "guide.report.report"},
    "guide/record/document.py": set(),
    "guide/book/config_template.py": set(),
    "guide/record/evidence_section.py": {"guide.model", "guide.record.document"},
    "guide/decision/lab_scenario.py": {"guide.book.load", "guide.decision.engine"},
    "guide/record/outline.py": {
        "guide.model",
        "guide.report.report",
        "guide.report.diagram",
        "guide.record.document",
        "guide.record.evidence_section",
        "guide.record.path_section",
    },
    "guide/record/path_section.py": {
        "guide.decision.proxy_configs",
        "guide.report.path",
        "guide.record.document",
        "guide.report.report",
    },
    "guide/decision/proxy_configs.py": {
        "guide.model",
        "guide.book.load",
        "guide.decision.path",
        "guide.book.config_template",
    },
    "guide/report/library.py": {"guide.model", "guide.book.load", "guide.book.checks"},
    "guide/report/published.py": {"guide.model", "guide.book.load", "guide.report.library", "guide.decision.score"},
    "guide/report/compare.py": {"guide.model", "guide.book.load", "guide.report.report"},
    "demos/protocol/sse.py": {"demos.protocol.events", "demos.protocol.errors", "demos.limits"},
    "demos/protocol/receipts.py": {"guide.model"},
    "demos/limits.py": set(),
    "demos/connections/hosts.py": set(),
    "demos/threads/counters.py": set(),
}
"""The inner layers, closed: of this project they import these modules and no others."""
WITHOUT_IO = (
    "guide/",
    "demos/protocol/sse.py",
    "demos/protocol/receipts.py",
    "demos/limits.py",
    "demos/protocol/events.py",
)
IO = set(
    "asyncio socket ssl http urllib threading multiprocessing subprocess selectors random time".split()  # noqa: SIM905
)
NAMES_NOTHING = set("utils util helpers helper common base core manager handler service misc lib".split())  # noqa: SIM905
MOST_LINES, MOST_LINES_OF_A_FUNCTION = 260, 45
LONGER: dict[str, str] = {
    "demos/agent/graph.py": "the graph, and each form of what a run of it says: nobody else may use langgraph",
    "demos/threads/runs.py": "one run and the thread that holds it, read together",
    "guide/book/load.py": "every file of the knowledge, and where it goes",
    "guide/book/load.py load_book": "one call: a line a folder",
    "demos/clients/readers.py": "both clients one above the other, and how they come back",
    "demos/server/endpoints.py": "every plain endpoint, under the table that lists them",
    "tests/demos/threads/test_runs.py": "a run's life, from its start to each of its ends",
    "demos/browser/run/run.js": "one run, and everything that a script of a scenario may ask of it",
    "guide/report/report.py": "one type and what fills it, side by side",
    "guide/model.py": "every word of the guide, one class each: whoever reads it reads it whole",
    "guide/decision/proof.py": "one proof: what it rests on and how it is done, read together",
    "tests/test_house.py": "all the rules of the house, with the tables that state them",
    "tests/browser/test_journey.py test_from_an_example_to_a_record_with_evidence": "one journey, step by step",
    "guide/report/report.py build": "one call: a line a field",
    "tests/guide/test_library.py garden": "one small world, told in one go",
    "tests/guide/test_main.py": "every command, as somebody types it",
    "tests/guide/record/exports/test_markdown.py": "every text that could break the format, and its parser",
    "guide/pages/record.py _fields": "one form: a call a field, nothing to decide between them",
}
"""Exceptions, each with its reason."""
TESTED_AS_ONE = {
    "guide/pages": "tests/guide/pages",
    "demos/pages": "tests/browser",
    "demos/faults": "tests/demos/faults",
    "demos/proxies": "tests/demos/proxies",
    "demos/scenarios": "tests/demos/scenarios",
}


def files() -> Iterator[Path]:
    """Files of ours: not what is installed, cached or taken over unchanged."""
    for path in sorted(ROOT.rglob("*")):
        if path.is_file() and not LEFT_OUT & set(path.relative_to(ROOT).parts):
            yield path.relative_to(ROOT)


def modules(*tops: str) -> list[str]:
    """Python modules with something in them, as paths: of the whole project, or of some folders.

    Not the snippets: the guide hands them out as data and imports none; `tests/guide/test_snippets.py` runs them.
    """
    found = [path for path in files() if path.suffix == ".py" and (ROOT / path).stat().st_size]
    found = [path for path in found if not path.is_relative_to("guide/knowledge")]
    return [path.as_posix() for path in found if not tops or path.parts[0] in tops]


@functools.cache
def tree(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def exists(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


@functools.cache
def imports(module: str) -> frozenset[str]:
    """Full names of what a module imports, wherever in it; `from guide import book` counts as guide.book."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: imports are absolute here"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if exists(name) else str(node.module) for name in inner}
    return frozenset(found)


OURS = modules("app.py", "ui.py", "guide", "demos")


@pytest.mark.parametrize("module", OURS)
def test_outside_libraries_are_used_by_their_owners_only(module: str) -> None:
    for name in imports(module):
        top = name.split(".")[0]
        if top in sys.stdlib_module_names or top in ("guide", "demos"):
            continue
        assert top in OWNERS, f"{module} imports {name}, which nobody owns"
        assert module.startswith(OWNERS[top]), f"{name} is for {OWNERS[top]}"


@pytest.mark.parametrize("module", modules("guide"))
def test_the_guide_knows_nothing_of_the_demos(module: str) -> None:
    assert not {name for name in imports(module) if name.split(".")[0] in ("demos", "app", "ui")}


@pytest.mark.parametrize("module", modules("demos"))
def test_the_demos_know_types_and_knowledge_of_the_guide(module: str) -> None:
    assert {name for name in imports(module) if name.split(".")[0] == "guide"} <= SHARED


@pytest.mark.parametrize("module", [m for m in OURS if "/pages/" not in m and m not in ("app.py", "ui.py")])
def test_only_pages_import_pages(module: str) -> None:
    assert not {name for name in imports(module) if ".pages" in name}


@pytest.mark.parametrize("module", MAY_IMPORT)
def test_inner_layers_are_closed(module: str) -> None:
    assert {name for name in imports(module) if name.split(".")[0] in ("guide", "demos")} <= MAY_IMPORT[module]


@pytest.mark.parametrize("module", [m for m in OURS if m.startswith(WITHOUT_IO)])
def test_no_network_no_clock_and_no_chance_where_none_belongs(module: str) -> None:
    assert not {name for name in imports(module) if name.split(".")[0] in IO}


@pytest.mark.parametrize("module", modules("demos"))
def test_a_fault_knows_no_protocol(module: str) -> None:
    if module.startswith("demos/faults/") or module == "demos/harness/relay.py":
        protocols = {
            "demos.protocol.sse",
            "demos.connections.responses",
            "demos.routes",
            "demos.clients.readers",
            "websocket",
            "httpx",
            "starlette",
        }
        assert not imports(module) & protocols


def test_every_outside_library_has_an_exact_version() -> None:
    """In the short lists; `tests/test_locks.py` holds the locks made from them."""
    lists = sorted((ROOT / "requirements").glob("*.in"))
    lines = [line.strip() for file in lists for line in file.read_text().splitlines()]
    pins = [line for line in lines if line and not line.startswith(("#", "-r"))]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+(\[[\w,]+\])?==[0-9][0-9a-z.]*", pin) for pin in pins), pins
    distributions = {"yaml": "pyyaml", "websocket": "websocket-client"}
    owned = {distributions.get(name, name.replace("_", "-")) for name in OWNERS}
    assert owned <= {pin.split("==")[0].lower() for pin in pins}


def test_starting_the_app_imports_neither_langgraph_nor_pandas() -> None:
    """Both take about a second; LangGraph comes in a thread of its own once the server listens, pandas never.

    So with a real model: its client comes in the same thread.
    """
    pages = [m.removesuffix(".py").replace("/", ".") for m in OURS if "/pages/" in m]
    heavy = ("langgraph", "langchain_openai", "openai", "pandas", "numpy", "pyarrow", "typst")
    real = {"STREAMWISE_MODEL_URL": "http://127.0.0.1:9/v1", "STREAMWISE_MODEL": "small"}
    code = f"import sys, app, {', '.join(pages)}; print(*(m for m in {heavy} if m in sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ | real, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == []


def test_app_is_a_literal_assignment() -> None:
    """`streamlit run` looks for it in the text of the file, and takes anything else for an ordinary script."""
    assigned = [
        n for n in tree("app.py").body if isinstance(n, ast.Assign) and ast.unparse(n.value).startswith("st.App(")
    ]
    assert [ast.unparse(target) for node in assigned for target in node.targets] == ["app"]


@pytest.mark.parametrize("path", [str(path) for path in files()])
def test_a_file_name_names_something(path: str) -> None:
    assert Path(path).stem.lower() not in NAMES_NOTHING
    assert " " not in path


@pytest.mark.parametrize("module", OURS)
def test_a_module_opens_with_what_it_is(module: str) -> None:
    assert ast.get_docstring(tree(module)), "no docstring"


def long_files() -> Iterator[str]:
    for path in files():
        if path.suffix in (".py", ".js", ".css", ".html"):
            lines = len((ROOT / path).read_text(encoding="utf-8").splitlines())
            if lines > MOST_LINES and path.as_posix() not in LONGER:
                yield f"{path} has {lines} lines (at most {MOST_LINES}): split it, or give a reason in LONGER"


def long_functions() -> Iterator[str]:
    for module in OURS:
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > MOST_LINES_OF_A_FUNCTION and f"{module} {node.name}" not in LONGER:
                    yield f"{module} {node.name} has {lines} lines (at most {MOST_LINES_OF_A_FUNCTION})"


def test_files_and_functions_stay_small() -> None:
    assert [*long_files(), *long_functions()] == []


def test_exceptions_are_still_needed() -> None:
    for place in LONGER:
        module, _, name = place.partition(" ")
        assert (ROOT / module).is_file(), place
        assert not name or name in {getattr(node, "name", "") for node in ast.walk(tree(module))}, place


@pytest.mark.parametrize("path", [str(path) for path in files() if path.suffix in TEXT])
def test_no_file_names_a_machine(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    folders = re.findall(r"(?<![\w./])/(?:work|root|home|opt/pypi|opt/wheels|tmp/w)/", text)
    registries = re.findall(r"--?(?:extra-)?index[-]url|find[-]links|file:///\w", text)
    assert not folders + registries


@pytest.mark.parametrize(
    "path", [str(p) for p in files() if p.suffix in (".js", ".css", ".html") and p.parts[0] != "tests"]
)
def test_pages_load_nothing_from_elsewhere(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]{2,}", re.sub(r"(?m)^\s*//.*$", "", text))
    fixed = re.sub(r"innerHTML = '[^'$]*';", "", text)  # a literal holds nothing of a user's or a model's
    assert not re.search(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|new Function)\b", fixed)


@pytest.mark.parametrize("module", OURS)
def test_no_id_of_the_knowledge_in_code(module: str) -> None:
    """Otherwise a change of a YAML file would need a change of code that nobody sees."""
    ids = {*books.book().facts, *books.book().cases}
    assert (
        not {n.value for n in ast.walk(tree(module)) if isinstance(n, ast.Constant) and isinstance(n.value, str)} & ids
    )


@pytest.mark.parametrize("module", modules("guide", "demos"))
def test_every_module_has_its_tests(module: str) -> None:
    path = Path(module)
    together = TESTED_AS_ONE.get(path.parent.as_posix())
    if together:
        assert list((ROOT / together).glob("test_*.py")), f"no tests in {together}"
    elif path.name != "__init__.py" or len(tree(module).body) > 1:
        assert (ROOT / "tests" / path.parent / f"test_{path.stem.strip('_')}.py").is_file()


@pytest.mark.parametrize(
    "module", [m for m in modules("tests") if "/test_" in m and m.count("/") > 1 and "browser" not in m]
)
def test_every_test_has_its_module(module: str) -> None:
    """Content, folklore and words have tests of their own; every other test file mirrors a module."""
    path = Path(module).relative_to("tests")
    folder = ROOT / path.parent
    name = path.stem.removeprefix("test_")
    whole = path.parent.as_posix() in TESTED_AS_ONE
    here = folder / f"{name}.py", folder / f"__{name}__.py"
    own = ("knowledge", "words", "folklore", "snippet_servers", "question_order", "python", "javascript",
           "hostile_http", "hostile_frames", "hostile_readers", "hostile_crowd")  # fmt: skip
    assert whole or name in own or any(p.is_file() for p in here)
