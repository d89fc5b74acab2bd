"""The rules of the house, held as code: who may import whom, what a file may be called, how long it may grow."""

from __future__ import annotations

import ast
import functools
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from demos.processes.ports import free_port
from guide import book as books

ROOT = Path(__file__).parents[1]
LEFT_OUT = set(
    ".venv .git .mypy_cache .ruff_cache .pytest_cache .hypothesis __pycache__ vendor screenshots build".split()  # noqa: SIM905
) | {".streamwise"}
TEXT = {".py", ".md", ".yaml", ".toml", ".txt", ".js", ".css", ".html", ".json", ".conf", ".svg", ".typ", ""}

SERVER_WING = ("protocol", "agent", "threads", "connections", "replicas", "server", "broken_servers")
CLIENT_WING = ("protocol", "processes", "clients", "crowd", "faults", "harness", "scenarios")
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "demos.protocol": (),
    "demos.processes": (),
    "demos.evidence": ("protocol",),
    # --- server wing ---
    "demos.agent": ("protocol",),
    "demos.threads": ("agent", "protocol"),
    "demos.connections": ("threads", "protocol"),
    "demos.replicas": ("threads", "protocol"),
    "demos.server": ("replicas", "connections", "threads", "agent", "protocol"),
    "demos.broken_servers": ("server", "connections", "threads", "agent", "protocol"),
    # --- client wing: it knows the server by its HTTP interface only ---
    "demos.clients": ("processes", "protocol"),
    "demos.crowd": ("clients", "processes", "protocol"),
    "demos.faults": ("protocol",),
    "demos.harness": ("clients", "faults", "processes", "protocol"),
    "demos.scenarios": ("harness", "clients", "faults", "processes", "protocol"),
    "demos.proxies": ("harness", "clients", "processes", "protocol", "evidence"),
    "demos.probe": ("proxies", "clients", "protocol", "evidence"),
    # --- on top of both ---
    "demos.lab": (*SERVER_WING[:-1], "scenarios", "harness", "processes", "evidence", "faults"),
    "demos.rooms": ("lab", "evidence", *SERVER_WING[:-1]),
    "demos.routes": ("lab", "rooms", *SERVER_WING),
    "demos.serve": ("routes", "broken_servers", "server"),
    "demos.pages": (
        "protocol",
        "lab",
        "rooms",
        "scenarios",
        "harness",
        "proxies",
        "processes",
        "evidence",
        "server",
        "connections",
    ),
    "demos.__main__": ("serve", "lab", "processes", "scenarios", "proxies", "probe", "crowd", "rooms"),
    # --- the guide ---
    "guide.model": (),
    "guide.book": ("model",),
    "guide.decision": ("model", "book"),
    "guide.search": ("model", "book", "decision"),
    "guide.report": ("model", "book", "decision", "search"),
    "guide.record": ("model", "book", "decision", "report"),
    "guide.starter": ("model", "book", "decision", "report", "record"),
    "guide.watch": ("model", "book", "decision", "report", "record"),
    "guide.agents": ("model", "book", "decision", "search", "report", "record", "starter"),
    "guide.audit": ("model", "book", "decision", "report"),
    "guide.pages": ("model", "book", "decision", "search", "report", "record", "starter", "watch"),
    "guide.__main__": (
        *("model", "book", "decision", "search", "report", "record", "starter"),
        *("watch", "agents", "audit"),
    ),
}
"""A row a package: what it may import of its own side, besides itself. `limits` is for everybody in demos."""
ON_TOP = ("app", "ui", "streamwise")
"""What knows both sides: the app, its pages' frame, and the doors for programs."""
SHARED = {"guide", "guide.model", "guide.book", "guide.book.link", "guide.book.config_template"}
"""All that the demos may know of the guide. The guide knows nothing of the demos."""
OWNERS = {
    "streamlit": ("app.py", "ui.py", "guide/pages/", "demos/pages/"),
    "yaml": ("guide/book/", "guide/__main__.py"),  # the second for the class of its errors
    "langgraph": ("demos/agent/graph.py", "demos/agent/nodes.py", "demos/replicas/checkpoints.py"),
    "langchain_core": ("demos/agent/", "demos/replicas/checkpoints.py"),
    "redis": ("demos/replicas/",),
    "hiredis": ("demos/replicas/store/pipe.py",),
    "langsmith": ("demos/agent/graph.py",),  # to switch it off
    "langchain_openai": ("demos/agent/openai_model.py",),
    "starlette": ("demos/server/", "demos/connections/", "demos/broken_servers/", "demos/lab/", "demos/rooms/hosting/",
                  "demos/routes.py", "demos/serve.py", "streamwise/"),
    "uvicorn": ("demos/serve.py",),
    "httpx": ("demos/clients/", "demos/crowd/", "demos/harness/", "demos/lab/", "demos/probe/"),
    "websockets": ("demos/crowd/",),
    "segno": ("demos/rooms/qr.py",),
    "websocket": ("demos/clients/", "demos/harness/", "demos/probe/"),
    "prometheus_client": ("demos/server/metrics.py",),
    "typst": ("guide/record/exports/pdf.py",),
    "h2": ("demos/proxies/http2/", "demos/probe/http2_stream.py"),
    "trustme": ("demos/proxies/http2/",),
    "pydantic": ("guide/", "demos/protocol/receipts.py", "demos/lab/endpoints.py", "demos/rooms/",
                 "demos/agent/openai_model.py", "demos/evidence/", "streamwise/"),
    "mcp": ("streamwise/tools.py",),
    "mcp_types": ("streamwise/tools.py",),
}  # fmt: skip
"""Each outside library has its owners; what is not named here is not used."""
WITHOUT_IO = ("guide/", "demos/protocol/", "demos/limits.py")
IO = set(
    "asyncio socket ssl http urllib threading multiprocessing subprocess selectors random time".split()  # noqa: SIM905
)
NAMES_NOTHING = set("utils util helpers helper common base core manager handler service misc lib".split())  # noqa: SIM905
MOST_FILES, MOST_LINES, MOST_LINES_OF_A_FUNCTION = 15, 250, 40
REGISTRIES = ("demos/scenarios", "demos/faults", "demos/proxies/catalog", "guide/record/exports")
"""One file an entry: these folders may grow."""
LONGER: dict[str, str] = {
    "guide/model.py": "every word of the guide, one class each: whoever reads it reads it whole",
    "guide/decision/proof.py": "one proof: what it rests on and how it is done, read together",
    "guide/report/report.py": "one type and what fills it, side by side",
    "demos/clients/readers.py": "both clients one above the other, and how they come back",
    "demos/threads/runs.py": "one run and the thread that holds it, read together",
}
"""Exceptions, each with its reason; at most five."""


def files() -> Iterator[Path]:
    """Files of ours: not what is installed, cached or taken over unchanged."""
    for path in sorted(ROOT.rglob("*")):
        if path.is_file() and not LEFT_OUT & set(path.relative_to(ROOT).parts):
            yield path.relative_to(ROOT)


@functools.cache
def modules() -> tuple[str, ...]:
    """Python modules of the product, as paths. Not the starter: the guide hands it out and imports none of it."""
    found = [
        path
        for path in files()
        if path.suffix == ".py" and path.parts[0] in ("app.py", "ui.py", "guide", "demos", "streamwise")
    ]
    return tuple(path.as_posix() for path in found if not path.is_relative_to("guide/knowledge"))


@functools.cache
def tree(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def dotted(module: str) -> str:
    return module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@functools.cache
def names() -> frozenset[str]:
    return frozenset(dotted(module) for module in modules())


@functools.cache
def imports(module: str) -> frozenset[str]:
    """Full names of what a module imports, wherever in it, TYPE_CHECKING included."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: imports are absolute here"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in names() else str(node.module) for name in inner}
    return frozenset(found)


def package(name: str) -> str:
    """The row of the table that a module belongs to."""
    return ".".join(name.split(".")[:2])


def breaks(module: str, imported: str) -> str:
    """Why this import is not allowed; empty where it is."""
    mine, theirs = package(dotted(module)), package(imported)
    if imported.startswith("guide") and mine.startswith("demos"):
        return "" if imported in SHARED else f"of the guide, the demos know {sorted(SHARED)}"
    if mine.partition(".")[0] in ON_TOP or mine == theirs:
        return ""
    if imported.startswith("streamwise"):
        return "the doors for programs stand on top of both sides"
    if not imported.startswith(("guide", "demos")):
        return ""
    if mine.startswith("guide") and not imported.startswith("guide"):
        return "the guide knows nothing of the demos"
    if theirs in ("demos.limits", "guide", "demos"):
        return ""
    if mine not in MAY_IMPORT:
        return f"{mine} has no row in the table"
    short = theirs.partition(".")[2]
    return "" if short in MAY_IMPORT[mine] else f"{mine} may import {MAY_IMPORT[mine]}"


def test_the_import_table_holds() -> None:
    broken = [f"{m} imports {name}: {why}" for m in modules() for name in imports(m) if (why := breaks(m, name))]
    assert broken == []


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("demos/server/streams.py", "demos.clients.readers"),
        ("demos/harness/testbed.py", "demos.server.backend"),
        ("demos/server/backend.py", "demos.lab.state"),
        ("guide/decision/engine.py", "demos.evidence"),
        ("guide/book/load.py", "guide.decision.plan"),
        ("demos/threads/runs.py", "guide.report.report"),
        ("demos/unheard_of/thing.py", "demos.protocol.sse"),
        ("guide/agents/advisor.py", "streamwise.tools"),
        ("demos/routes.py", "streamwise.doors"),
    ],
)
def test_a_deliberate_break_of_the_table_is_seen(module: str, imported: str) -> None:
    assert breaks(module, imported)


def test_the_wings_meet_in_the_protocol_only() -> None:
    """Said by the rows of the table, so that nobody loosens it by the way."""
    for side, other in ((SERVER_WING, (*CLIENT_WING, "proxies", "probe")), (CLIENT_WING, SERVER_WING)):
        for name in side:
            assert not (set(MAY_IMPORT[f"demos.{name}"]) & set(other)) - {"protocol"} - set(side)
    assert all("lab" not in MAY_IMPORT[f"demos.{name}"] for name in SERVER_WING)


def test_there_is_no_import_circle() -> None:
    inside = {dotted(m): {n for n in imports(m) if n in names()} - {dotted(m)} for m in modules()}
    while leaves := [name for name, needs in inside.items() if not needs]:
        for name in leaves:
            del inside[name]
        for needs in inside.values():
            needs.difference_update(leaves)
    assert inside == {}, "these modules import each other, or what does"


def test_outside_libraries_are_used_by_their_owners_only() -> None:
    wrong = []
    for module in modules():
        for top in {name.split(".")[0] for name in imports(module)}:
            if top in sys.stdlib_module_names or top in ("guide", "demos", "streamwise"):
                continue
            if not module.startswith(OWNERS.get(top, ("nobody",))):
                wrong.append(f"{module} imports {top}, which is for {OWNERS.get(top)}")
    assert wrong == []


def test_what_tests_share_stands_in_a_module_of_its_own() -> None:
    """Not in another test's file, where nobody looks for it, and nobody expects that a change breaks something."""
    wrong = []
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if re.fullmatch(r"tests\.(.*\.)?(test_\w+|conftest)", module):
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
    assert wrong == []


def test_only_pages_import_pages() -> None:
    inner = [m for m in modules() if "/pages/" not in m and m not in ("app.py", "ui.py")]
    assert [(m, name) for m in inner for name in imports(m) if ".pages" in name] == []


def test_no_network_no_clock_and_no_chance_where_none_belongs() -> None:
    pure = [m for m in modules() if m.startswith(WITHOUT_IO)]
    # A run's seed is given; the generator made of it is no chance.
    found = [(m, name) for m in pure for name in imports(m) if name.split(".")[0] in IO]
    assert found == [("demos/protocol/run_options.py", "random")]


def test_a_fault_knows_no_protocol() -> None:
    protocols = {"demos.protocol.sse", "demos.clients.readers", "websocket", "httpx", "starlette"}
    faults = [m for m in modules() if m.startswith("demos/faults/") or m == "demos/harness/relay.py"]
    assert [(m, imports(m) & protocols) for m in faults if imports(m) & protocols] == []


def test_nothing_reads_the_environment_at_import() -> None:
    """Settings are read once, in one place, when the app starts; a typo is then one sentence and no traceback."""
    variables = {
        "STREAMWISE_MAX_THREADS": "x",
        "STREAMWISE_HEARTBEAT_SECONDS": "x",
        "STREAMWISE_MODEL_URL": "x",
    }
    code = f"import {', '.join(sorted(names() - {'app', 'ui', 'demos.agent.openai_model'}))}"
    environment = os.environ | variables
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "demos", "serve", "--port", "0"],
        ["-m", "demos", "measure", "plain"],
        ["app.py"],
        ["-m", "streamlit", "run", "app.py", "--server.port"],
    ],
)
def test_a_wrong_setting_is_one_sentence_from_every_entry_point(command: list[str]) -> None:
    wrong = os.environ | {"STREAMWISE_MAX_THREADS": "x"}
    if command[-1] == "--server.port":
        command = [*command, str(free_port())]  # an app may have the usual one
    ran = subprocess.run([sys.executable, *command], cwd=ROOT, env=wrong, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 1
    assert ran.stderr.strip() == "STREAMWISE_MAX_THREADS is 'x'. Allowed: a whole number above zero"


def test_every_outside_library_has_an_exact_version() -> None:
    """In the short lists; `tests/test_locks.py` holds the locks made from them."""
    lists = sorted((ROOT / "requirements").glob("*.in"))
    lines = [line.strip() for file in lists for line in file.read_text().splitlines()]
    pins = [line for line in lines if line and not line.startswith(("#", "-r"))]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+(\[[\w,]+\])?==[0-9][0-9a-z.]*", pin) for pin in pins), pins
    distributions = {"yaml": "pyyaml", "websocket": "websocket-client", "mcp_types": "mcp"}
    owned = {distributions.get(name, name.replace("_", "-")) for name in OWNERS}
    assert owned <= {pin.split("==")[0].lower() for pin in pins}


def test_starting_the_app_imports_neither_langgraph_nor_pandas() -> None:
    """Both take about a second; LangGraph comes in a thread of its own once the server listens, pandas never.

    So with a real model: its client comes in the same thread.
    """
    pages = [dotted(m) for m in modules() if "/pages/" in m]
    heavy = ("langgraph", "langchain_openai", "openai", "pandas", "numpy", "pyarrow", "typst")
    real = {"STREAMWISE_MODEL_URL": "http://127.0.0.1:9/v1", "STREAMWISE_MODEL": "small"}
    code = f"import sys, app, {', '.join(pages)}; print(*(m for m in {heavy} if m in sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ | real, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == []


def test_the_server_runs_without_the_measuring_side() -> None:
    """Whoever reads the server need not know the clients, the Chromium driver or a single scenario."""
    code = "import sys, demos.server.streams; print(*(m for m in sys.modules if m.startswith('demos.')))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {name.split(".")[1] for name in ran.stdout.split()} <= {*SERVER_WING, "limits"}


def test_app_is_a_literal_assignment() -> None:
    """`streamlit run` looks for it in the text of the file, and takes anything else for an ordinary script."""
    assigned = [
        n for n in tree("app.py").body if isinstance(n, ast.Assign) and ast.unparse(n.value).startswith("st.App(")
    ]
    assert [ast.unparse(target) for node in assigned for target in node.targets] == ["app"]


def test_a_file_name_names_something() -> None:
    assert [str(path) for path in files() if path.stem.lower() in NAMES_NOTHING or " " in str(path)] == []


def test_a_module_opens_with_what_it_does() -> None:
    filled = [m for m in modules() if (ROOT / m).stat().st_size]
    assert [m for m in filled if not ast.get_docstring(tree(m))] == []


def test_no_folder_holds_too_many_files() -> None:
    count = Counter(Path(m).parent.as_posix() for m in modules() if not m.endswith("__init__.py"))
    assert {folder: n for folder, n in count.items() if n > MOST_FILES and folder not in REGISTRIES} == {}


def long_files() -> Iterator[str]:
    for path in files():
        ours = path.parts[0] in ("guide", "demos", "app.py", "ui.py") and "knowledge" not in path.parts
        if ours and path.suffix in (".py", ".js", ".css", ".html"):
            lines = len((ROOT / path).read_text(encoding="utf-8").splitlines())
            if lines > MOST_LINES and path.as_posix() not in LONGER:
                yield f"{path} has {lines} lines (at most {MOST_LINES}): split it"


def long_functions() -> Iterator[str]:
    for module in modules():
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and module not in LONGER:
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > MOST_LINES_OF_A_FUNCTION:
                    yield f"{module} {node.name} has {lines} lines (at most {MOST_LINES_OF_A_FUNCTION})"


def test_files_and_functions_stay_small() -> None:
    assert [*long_files(), *long_functions()] == []


def test_exceptions_are_few_and_still_needed() -> None:
    assert len(LONGER) <= 5
    for place in LONGER:
        assert len((ROOT / place).read_text(encoding="utf-8").splitlines()) > MOST_LINES, place


def test_no_file_names_a_machine() -> None:
    wrong = []
    for path in files():
        if path.suffix in TEXT:
            text = (ROOT / path).read_text(encoding="utf-8")
            folders = re.findall(r"(?<![\w./])/(?:work|root|home|opt/pypi|opt/wheels|tmp/w)/", text)
            registries = re.findall(r"--?(?:extra-)?index[-]url|find[-]links|file:///\w", text)
            wrong += [(str(path), found) for found in folders + registries]
    assert wrong == []


def test_pages_load_nothing_from_elsewhere() -> None:
    wrong = []
    for path in files():
        if path.suffix in (".js", ".css", ".html") and path.parts[0] != "tests":
            text = (ROOT / path).read_text(encoding="utf-8")
            if re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]{2,}", re.sub(r"(?m)^\s*//.*$", "", text)):
                wrong.append(f"{path} names another host")
            fixed = re.sub(r"innerHTML = '[^'$]*';", "", text)  # a literal holds nothing of a user's or a model's
            if re.search(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|new Function)\b", fixed):
                wrong.append(f"{path} turns text into markup or code")
    assert wrong == []


def test_no_id_of_the_knowledge_in_code() -> None:
    """Otherwise a change of a YAML file would need a change of code that nobody sees."""
    ids = {*books.book().facts, *books.book().cases}
    constants = (
        (module, node.value)
        for module in modules()
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    assert [(module, text) for module, text in constants if text in ids] == []


def test_every_package_has_its_tests() -> None:
    """Package by package: a folder of the product has one of tests. Those of the proxies' catalog are beside them."""
    folders = {Path(m).parent for m in modules() if len(tree(m).body) > 1} - {Path()}
    mirrored = {folder: "demos/proxies" if folder.name == "catalog" else folder.as_posix() for folder in folders}
    mirrored = {folder: "browser" if place == "demos/pages" else place for folder, place in mirrored.items()}
    assert [place for place in mirrored.values() if not list((ROOT / "tests" / place).rglob("test_*.py"))] == []
