"""The skill: an agent that does nothing but run its commands answers what a repository shows, and guesses nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from guide.agents import texts
from guide.book import book
from guide.decision.engine import decide
from tests.guide.worlds import put

OURS = book()
REPOSITORIES = Path(__file__).parent / "repositories"
NAMES = sorted(path.stem for path in REPOSITORIES.glob("*.yaml"))
SKILL = texts.skill(OURS)
LOOK = next(line.strip() for line in SKILL.splitlines() if line.strip().startswith("look()"))
COMMAND = re.compile(
    r"^(?P<look>look .+)  # (?P<says>settles|ask about) (?P<question>[\w-]+)\.(?P<answer>[\w-]+)$", re.MULTILINE
)
NEVER = {
    "mic.tsx": ("recorder = new MediaRecorder(await navigator.mediaDevices.getUserMedia({ audio: true }));",),
    "chat.tsx": ('const { messages } = useChat(); // "@livekit/components-react"', "export function useChat(room) {"),
    "server.js": ('headers: { "Authorization": `Bearer ${process.env.KEY}` },', "import WebSocket from 'ws';"),
    "pay.py": ('cancel_url=f"{BASE}/cancel",', "def interrupt(self):", "session.interrupt()", "last_event_id = db.id"),
    "read.py": ("if await request.is_disconnected(): break", "for line in requests.post(OLLAMA).iter_lines():"),
    "compose.yaml": ("    # image: nginx:1", "      replicas: 4", "    image: nginx-exporter:1"),
    "redis.yaml": ("  replicas: 1",),
    "ingress.yaml": ('    # nginx.ingress.kubernetes.io/proxy-read-timeout: "1"',),
    "Dockerfile": ("RUN pip install uvicorn hypercorn granian daphne", "# CMD uvicorn app:app"),
    "Procfile": ("web: gunicorn app:app -k uvicorn.workers.UvicornWorker",),
    "package.json": ('  "publishConfig": { "tag": "next" },', '  "name": "vue-tools",'),
    "setup.cfg": ("backend = Agg",),
    "main.tf": ("  proxied = false", 'resource "google_cloud_run_v2_job" "x" {', '# load_balancer_type = "network"'),
}
"""Lines that look like a trace and settle nothing: file -> its lines."""
pytestmark = pytest.mark.skipif(shutil.which("grep") is None, reason="no grep on this machine")


COMMANDS = [*COMMAND.finditer(SKILL)]


def found_by(folder: Path) -> dict[int, set[str]]:
    """Numbers of the commands of the skill that find something there -> the folders, of the first rank, in which."""
    marks = (f"look -l {match['look'].removeprefix('look ')} | sed 's/^/{n} /'" for n, match in enumerate(COMMANDS))
    ran = subprocess.run(["bash", "-c", "\n".join([LOOK, *marks])], cwd=folder, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    found: dict[int, set[str]] = {}
    for line in ran.stdout.splitlines():
        n, _, file = line.partition(" ")
        found.setdefault(int(n), set()).add(Path(file).parts[0])
    return found


def found_in(repository: Path) -> tuple[dict[str, set[str]], set[str]]:
    """(answers of an agent that follows the skill to the letter, what it shows to the human)"""
    found: dict[str, set[str]] = {}
    shown: set[str] = set()
    for match in map(COMMANDS.__getitem__, found_by(repository)):
        if match["says"] == "settles":
            found.setdefault(match["question"], set()).add(match["answer"])
        else:
            shown.add(f"{match['question']}.{match['answer']}")
    return {qid: said for qid, said in found.items() if len(said) == 1 or OURS.questions[qid].multiple}, shown


def expected(name: str) -> tuple[dict[str, set[str]], set[str]]:
    read = yaml.safe_load((REPOSITORIES / f"{name}.yaml").read_text(encoding="utf-8"))
    return {qid: {*said} for qid, said in read["settles"].items()}, {*read["ask about"]}


def test_there_are_twelve_repositories() -> None:
    assert len(NAMES) == 12
    assert all((REPOSITORIES / name).is_dir() for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_answers_what_the_files_support_and_nothing_else(name: str) -> None:
    found, shown = found_in(REPOSITORIES / name)
    assert (found, shown) == expected(name)
    assert decide(OURS, {qid: tuple(said) for qid, said in found.items()}).choice, "such answers can be decided on"


def test_lines_that_only_look_like_it_settle_nothing(tmp_path: Path) -> None:
    for file, lines in NEVER.items():
        for n, line in enumerate(lines):
            folder = tmp_path / f"{file}-{n}"
            folder.mkdir()
            (folder / file).write_text(line + "\n", encoding="utf-8")
    wrong = {
        COMMANDS[n]["answer"]: places for n, places in found_by(tmp_path).items() if COMMANDS[n]["says"] == "settles"
    }
    assert wrong == {}


def test_the_commands_are_all_there_and_each_finds_its_example(tmp_path: Path) -> None:
    assert len(COMMANDS) == len(OURS.traces)
    for key, trace in OURS.traces.items():
        folder = tmp_path / key
        folder.mkdir()
        (folder / trace.files[0].replace("*", "x")).write_text(trace.example + "\n", encoding="utf-8")
    found = found_by(tmp_path)
    answers = [f"{match['question']}.{match['answer']}" for match in COMMANDS]
    for key, trace in OURS.traces.items():
        assert trace.answer in {answers[n] for n, places in found.items() if key in places}, key


def test_what_no_trace_shows_is_named_as_a_question_for_the_human() -> None:
    shown = {trace.answer.partition(".")[0] for trace in OURS.traces.values()}
    last = SKILL.strip().splitlines()[-1]
    assert last == f"Nothing in a repository shows: {', '.join(q for q in put(OURS) if q not in shown)}. Ask the human."


def test_a_repository_never_answers_all_that_decides() -> None:
    """So that nobody takes the skill for more than it is: a verdict rests on the human's answers too."""
    deciding = {qid for qid in put(OURS) if any(answer.effects for answer in OURS.questions[qid].answers.values())}
    deciding.add("path")  # by what follows from it
    answered = {name: deciding & {*expected(name)[0]} for name in NAMES}
    asked = {name: deciding & {one.partition(".")[0] for one in expected(name)[1]} for name in NAMES}
    print({name: (len(answered[name]), len(asked[name]), len(deciding)) for name in NAMES})
    assert all(answered[name] < deciding for name in NAMES)
