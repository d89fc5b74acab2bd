"""Texts that agents read before they ask: instructions, two prompts, llms.txt in two lengths, and a skill.

Whatever names an id or counts something is made from the book, so that it cannot be out of date.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from functools import cache
from itertools import groupby

from guide import __version__
from guide.book import Book
from guide.model import Trace

INSTRUCTIONS = (
    "Decides between SSE and WebSocket for the output of an AI agent, with reasons and sources. list_questions, then "
    "decide with the answers that the repository or the human gives. Never guess an answer: leave it out, and ask the "
    "human what decide lists. explain and search give sources; get_files gives a record, a project, a configuration."
)
CHOOSE = """Choose the transport for the output of the agent in this repository.
1. Call list_questions. For a question that you do not understand, call it with detail.
2. Look in the repository for each answer: proxy configuration, deployment, clients. Give no answer that nothing shows.
3. Call decide. Ask the human every question that it lists under "ask the human", then call it again.
4. Tell the choice with its reasons and fact ids, what would change it, and the settings of the path.
5. Offer get_files: the decision record, the project to start from, the configuration of the proxy."""
REVIEW = """Review the decision record in this repository against today's rules.
1. Find it: a JSON file whose "format" is "streamwise-record/1". Its answers stand in record.answers.
2. Check each answer against the repository. Name those that no longer hold, and ask about those that nothing shows.
3. Call decide with the answers as they are today. Compare choice, strength and needs with the record.
4. Call explain for each fact that carries the choice; compare figure and day.
5. Say: the verdict stands, or it turned, and by which answer. `streamwise watch` compares all its facts at once."""
USE = (
    "Choose SSE or WebSocket for the output of an AI agent in this repository, with sources, and keep its record true. "
    "Use it when a streaming endpoint is designed, reviewed, or breaks behind a proxy."
)
THEIRS = ("node_modules", ".venv", "venv", "site-packages", "vendor", "dist", "build", ".next", ".git")
"""Folders that are not the team's own."""
LOOK = f'look() {{ grep -rnE {" ".join(f"--exclude-dir={name}" for name in THEIRS)} "$@" .; }}'
ABOUT = "Streamwise decides between Server-Sent Events and WebSocket for the output of an AI agent, with dated sources."


@cache
def llms(book: Book) -> str:
    """/llms.txt: what there is, in some forty lines."""
    return f"""# Streamwise {__version__}

> {ABOUT} It works offline: no account, no key. Nothing that is asked is stored.

Rules {book.version} ({book.hash}): {_asked(book)} questions, {len(book.facts)} facts with source and day,
{len(book.needs)} needs, {len(book.symptoms)} symptoms with causes and cures.
An answer that is not given is never guessed: `decide` lists what to ask the human.

## Three doors, one verdict

- MCP: `streamwise mcp` over standard input and output, or streamable HTTP at `/mcp` of a running app. Tools:
  `list_questions`, `decide`, `explain`, `search`, `get_files`.
- JSON: `GET /api/guide/questions`, `POST /api/guide/decide`, `GET /api/guide/entries/ID`,
  `GET /api/guide/search?q=WORDS`, `POST /api/guide/files`. The document: `/api/guide/openapi.json`.
- Command line: `streamwise decide FILE --format text`, `streamwise export FILE`, `streamwise starter FILE --out DIR`,
  `streamwise search WORDS`, `streamwise watch RECORDS`, `streamwise probe URL`.

## Answers

A mapping of question ids to an answer id, or a list of them, in YAML or JSON:

    uplink: [controls, approvals]
    path: [nginx, uvicorn]
    resume: resume

## The record

`streamwise export FILE --format json` writes a record to be committed ("format": "streamwise-record/1", schema:
`streamwise schema`). `streamwise watch RECORDS` says what of it is otherwise today: a verdict that turned, a figure
that moved, a fact that is unknown.

## More

- [Where in a repository an answer is found](skill.md)
- A running app serves both, and `/llms-full.txt` with all questions, facts, needs and symptoms.
"""


@cache
def llms_full(book: Book) -> str:
    """/llms-full.txt: every question, fact, need and symptom, as text."""
    lines = [
        f"# Streamwise {__version__}: all that it knows",
        "",
        f"Rules {book.version} ({book.hash}).",
        "",
        "## Questions",
    ]
    for qid, question in book.questions.items():
        if not question.derived:
            lines += ["", f"### {qid}: {question.ask}", "", question.help, ""]
            lines += [
                f"- {aid}: {answer.text}{f'. {answer.hint}' if answer.hint else ''}"
                for aid, answer in question.answers.items()
            ]
    lines += ["", "## Facts"]
    for id, fact in book.facts.items():
        sources = " ".join(source.url for source in fact.source)
        told = (
            f"{fact.claim} Figure: {fact.figure}. Holds: {fact.scope} Checked {fact.checked} ({fact.basis}). {sources}"
        )
        lines += ["", f"- {id}: {told}"]
    lines += ["", "## Needs"]
    lines += [line for id, need in book.needs.items() for line in ("", f"- {id}: {need.title}. {need.what}")]
    lines += ["", "## Symptoms"]
    for id, symptom in book.symptoms.items():
        lines += ["", f"- {id}: {symptom.seen}"]
        lines += [f"  - {cause.why} Tell it by: {cause.tell} Cure: {cause.cure}" for cause in symptom.causes]
    return "\n".join(lines) + "\n"


@cache
def skill(book: Book) -> str:
    """The skill: where in a repository the answers are found, a table for each question."""
    head = f"""---
name: streamwise
description: {USE}
---

# Streamwise

1. Look for answers with the commands below, in a shell that has this function. A line that *settles* supports the
   answer behind it. All other lines are shown to the human with the question: they do not answer it.

   ```sh
   {LOOK}
   ```

2. A question of one answer for which two are settled has none: ask the human.
3. What no command finds is not known. Leave it out. Never fill it in from habit.
4. Run `streamwise decide ANSWERS.yaml --format text`, or the MCP tool `decide`. Ask the human what it lists, and run it
   again.
5. Write the record: `streamwise export ANSWERS.yaml --format json`. Where the verdict is level, the human chooses:
   `--choose`, with `--because`. `streamwise watch RECORDS` keeps the record true.
6. Something breaks: `streamwise search WORDS`, then `streamwise probe URL` on the real path.
"""
    parts = [head]
    for qid, traces in groupby(_sorted(book), lambda trace: trace.answer.partition(".")[0]):
        question = book.questions[qid]
        parts.append(f"## {qid}: {question.ask} ({'several answers' if question.multiple else 'one answer'})\n")
        parts += ["```sh", *(_grep(trace) for trace in traces), "```", ""]
    shown = {trace.answer.partition(".")[0] for trace in book.traces.values()}
    silent = [qid for qid, question in book.questions.items() if not question.derived and qid not in shown]
    parts.append(f"Nothing in a repository shows: {', '.join(silent)}. Ask the human.")
    return "\n".join(parts) + "\n"


FILES: Mapping[str, Callable[[Book], str]] = {"llms.txt": llms, "llms-full.txt": llms_full, "skill.md": skill}
"""Name of a file that the app serves -> its text."""


def _asked(book: Book) -> int:
    return sum(not question.derived for question in book.questions.values())


def _sorted(book: Book) -> list[Trace]:
    """In the order of the questions, and of the file."""
    order = [*book.questions]
    return sorted(book.traces.values(), key=lambda trace: order.index(trace.answer.partition(".")[0]))


def _grep(trace: Trace) -> str:
    """A command that finds the trace, with what it says behind it."""
    names = " ".join(f"--include={shlex.quote(name)}" for name in trace.files)
    says = "settles" if trace.settles else "ask about"
    return f"look {names} -e {shlex.quote(trace.find)}  # {says} {trace.answer}"
